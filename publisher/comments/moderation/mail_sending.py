"""A mail handed to a server that sends mail: one attempt, with encryption wherever the server is another machine."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from feed.rules.addresses import is_loopback
from publisher.core.errors import StorageError
from publisher.core.secret_variables import said, secret_in

if TYPE_CHECKING:
    from email.message import EmailMessage

    from publisher.load.config_tables import CommentMailTable

PATIENCE = 30.0
"""Seconds for each step."""


def security_of(table: CommentMailTable) -> str:
    """How the connection is kept secret: as written, else by the port; a server on this very machine needs nothing."""
    if table.security is not None:
        return table.security
    return "tls" if table.port == 465 else "none" if is_loopback(table.host) else "starttls"


def send_mail(message: EmailMessage, table: CommentMailTable) -> str:
    """Hand a mail over; why it was not taken, "" when it was. Neither the password nor what the server knows of it is in that sentence."""
    security = security_of(table)
    try:
        password = secret_in(table.password_variable)
    except StorageError as error:
        return f"{error.message}: {error.hint}"
    if table.user and not password:
        return f"{table.host} wants the password of {table.user}: set {table.password_variable}"
    context = ssl.create_default_context()
    port = table.port or {"tls": 465, "starttls": 587}.get(security, 25)
    try:
        if security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(table.host, port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(table.host, port, timeout=PATIENCE)
        try:
            if security == "starttls":
                server.starttls(context=context)
            if table.user:
                server.login(table.user, password)
            refused = server.send_message(message)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
    except smtplib.SMTPAuthenticationError as error:
        return f"{table.host} refuses the login of {table.user} ({error.smtp_code}): is {table.password_variable} right?"
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return f"{table.host}:{port}: {said(str(error), 200) or type(error).__name__}"
    if refused:
        return f"{table.host} takes no mail for {', '.join(sorted(refused))}"
    return ""
