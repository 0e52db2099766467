"""What an operator may set for the e-mail channel, and what is refused before anything is sent."""

from typing import Any

import pytest
from pydantic import ValidationError

from notifiers.channels.email import EmailConfig

WRONG = [
    {"host": "mail.example.org"},
    {"host": "10.0.0.1"},
    {"mail_from": "care"},
    {"mail_from": "a@b.co, c@d.co"},
    {"mail_from": "Care\r\nBcc: x <a@b.co>"},
    {"mail_from": "=?utf-8?q?A?= <a@b.co>"},
    {"mail_from": "A <a@b.co> b"},
    {"domain": "x y"},
    {"port": 0},
    {"nonsense": 1},
    {"reply_timeout_s": 0},
]


@pytest.mark.parametrize("values", WRONG)
def test_a_wrong_setting_is_said_without_its_value(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        EmailConfig.model_validate({"password": "hunter2", **values})
    assert "hunter2" not in str(error.value)


def test_a_server_elsewhere_needs_encryption_or_a_word_from_the_operator() -> None:
    assert EmailConfig(host="mail.example.org", tls="starttls").host == "mail.example.org"
    assert EmailConfig(host="mail.example.org", allow_plaintext=True).tls == "none"
    assert EmailConfig(host="localhost").tls == "none"
    assert EmailConfig(host="::1").tls == "none"
