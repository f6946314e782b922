"""An SMTP server that keeps what it takes: smtp_server.py PORT MAILDIR [CERTIFICATE KEY {starttls|implicit} [CLIENT_AUTHORITY]]"""

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
        if address.startswith("closing"):
            return "421 4.3.2 Closing"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, login):
    return AuthResult(success=(login.login, login.password) == (b"bus", b"right"), handled=False)


async def main(port, mails, certificate=None, key=None, mode="starttls", authority=None):
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        if authority:
            tls.load_verify_locations(authority)
            tls.verify_mode = ssl.CERT_REQUIRED
    starttls = tls if mode == "starttls" else None

    recorder = Recorder(mails)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(recorder, authenticator=authenticate, auth_require_tls=False, tls_context=starttls, require_starttls=bool(starttls)),
        "127.0.0.1",
        int(port),
        ssl=tls if mode == "implicit" else None,
    )
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
