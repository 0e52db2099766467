"""The shop's endpoints: a JSON file of the operator's, read again when it changes.

`{"*": {"url": "https://...", "secrets": ["whsec_..."]}, "stuck_checkout": {...}}`: by detector, `*` for all others.
"""

from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr, ValidationError, field_validator
from yarl import URL

from notifiers.webhooks.addresses import require_url
from notifiers.webhooks.signing import secret_bytes

ALL_OTHERS = "*"


class Endpoint(BaseModel):
    """One URL, and the secrets it may check by: while a secret is being exchanged, the new one and the old one."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: str
    secrets: list[SecretStr] = Field(min_length=1, max_length=5)

    @field_validator("secrets")
    @classmethod
    def _are_keys(cls, secrets: list[SecretStr]) -> list[SecretStr]:
        for one in secrets:
            secret_bytes(one.get_secret_value())
        return secrets

    @property
    def keys(self) -> list[bytes]:
        """The secrets as keys."""
        return [secret_bytes(one.get_secret_value()) for one in self.secrets]


class _File(RootModel[dict[str, Endpoint]]):
    model_config = ConfigDict(hide_input_in_errors=True)


Endpoints = dict[str, tuple[URL, Endpoint]]


def read_endpoints(raw: bytes, *, allow_loopback: bool) -> Endpoints:
    """By detector. Raises ValueError: what is wrong and where, never a value."""
    try:
        found = _File.model_validate_json(raw).root
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise ValueError(f"{'.'.join(str(part) for part in wrong['loc'])}: {wrong['msg']}") from None
    endpoints: Endpoints = {}
    for name, endpoint in found.items():
        try:
            endpoints[name] = (require_url(endpoint.url, allow_loopback=allow_loopback), endpoint)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return endpoints
