"""A real mail server for tests, which keeps what it is handed: SMTP, with STARTTLS and a login where they are asked for."""

from __future__ import annotations

import email
import email.policy
import ssl
import threading
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.support.servers import free_ports, make_certificate

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path


class MailSink:
    """`mails` are those that were taken, `refuse` an answer that is given instead; `stop` and `start` at the same port."""

    def __init__(self, folder: Path | None = None, *, user: str = "", password: str = "", tls: bool = False) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = ""
        self.came = threading.Condition()
        (self.port,) = free_ports(1)
        self._login = (user, password)
        self._context: ssl.SSLContext | None = None
        self._implicit = tls
        if folder is not None:
            self.certificate, key = folder / "mail.crt", folder / "mail.key"
            assert make_certificate(self.certificate, key)
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(self.certificate, key)
        self._controller: Any = None
        self.start()

    def start(self) -> None:
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": self.port}
        if self._context is not None and self._implicit:
            options["ssl_context"] = self._context
        elif self._context is not None:
            options |= {"tls_context": self._context, "require_starttls": True}
        if self._login[0]:
            options |= {
                "authenticator": self._known,
                "auth_required": True,
                "auth_require_tls": self._context is not None and not self._implicit,
            }
        self._controller = Controller(self, **options)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def _known(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        known = (data.login.decode(), data.password.decode()) == self._login
        return AuthResult(success=known, handled=known)  # what it did not handle, the server refuses

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.refuse:
            return self.refuse
        with self.came:
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            self.came.notify_all()
        return "250 taken"

    def wait(self, count: int, seconds: float = 60) -> list[EmailMessage]:
        """The mails, once there are so many."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.mails) >= count, seconds), f"{len(self.mails)} of {count} mails came"
            return list(self.mails)
