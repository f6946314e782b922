# Sourced by the scripts beside it: which servers are there, and how to get those that are not.

has_package() {
  case $1 in
    rabbitmq-server) [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] ;;
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
    redis-server | nats-server | prometheus) command -v "$1" >/dev/null ;;
    openjdk-17-jre-headless) command -v java >/dev/null ;;
    python3-aiosmtpd) /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null ;;
    *) dpkg -s "$1" >/dev/null 2>&1 ;;
  esac
}

# Installs what is missing of the named Debian packages, or says which command does.
install_missing() {
  local missing=() package root=()
  for package in "$@"; do
    has_package "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  if ! command -v apt-get >/dev/null; then
    echo "Not installed: ${missing[*]}. Install what your system calls these Debian packages." >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then
      root=(sudo -n)
    else
      echo "Not installed: ${missing[*]}. Run: sudo apt-get install -y ${missing[*]}" >&2
      return 1
    fi
  fi

  echo "Installing ${missing[*]} …"
  if ! { "${root[@]}" apt-get update -qq && "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/install-servers.$$ 2>&1; then
    tail -n 20 /tmp/install-servers.$$ >&2
    rm -f /tmp/install-servers.$$
    echo "apt-get could not install ${missing[*]}; its output is above." >&2
    return 1
  fi
  rm -f /tmp/install-servers.$$
}
