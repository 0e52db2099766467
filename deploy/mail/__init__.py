"""A real SMTP server for demo and tests. It keeps every mail it accepts, and can be made to fail."""

from deploy.mail.kept import Accepted, duplicates, read_accepted
from deploy.mail.server import MailServer, MailServerError

__all__ = ["Accepted", "MailServer", "MailServerError", "duplicates", "read_accepted"]
