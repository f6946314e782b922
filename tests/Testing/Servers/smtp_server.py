"""An SMTP server that keeps what it takes: smtp_server.py PORT MAILDIR [CERTIFICATE KEY]"""

import asyncio
import ssl
import sys

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


class Recorder(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("busy"):
            return "451 4.3.0 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, login):
    return AuthResult(success=(login.login, login.password) == (b"bus", b"right"), handled=False)


async def main(port, mails, certificate=None, key=None):
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)

    recorder = Recorder(mails)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(recorder, authenticator=authenticate, auth_require_tls=False, tls_context=tls, require_starttls=bool(tls)),
        "127.0.0.1",
        int(port),
    )
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
