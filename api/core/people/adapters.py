"""What allauth asks its adapters: how mail names this server, whose passkeys these are, and what gives nobody away."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password

from api.core.http.links import origin_of
from api.core.people.encryption import seal, unseal


class AccountAdapter(DefaultAccountAdapter):
    """Signing up takes as long for an address that has an account as for one that has none."""

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of an address; hash a password, as for a new account, so that the time gives nothing away."""
        make_password("a password that nobody has")
        super().send_account_already_exists_mail(email)


class HeadlessAdapter(DefaultHeadlessAdapter):
    """Mail leads to this server: its frontends are not known to it."""

    def get_frontend_url(self, urlname: str, **kwargs: str) -> str:
        """Return the address that mail names for signing up and for a forgotten password."""
        return f"{origin_of(self.request)}/"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are stored sealed. Passkeys belong to the domain that is set, for frontends, or to this server's own."""

    def encrypt(self, text: str) -> str:
        """Return what is stored of the secret of an authenticator app, or of the seed of recovery codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return it again."""
        return unseal(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the relying party (WebAuthn, section 5.4.2)."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {"id": settings.PASSKEY_DOMAIN or entity["id"], "name": settings.NAME}
