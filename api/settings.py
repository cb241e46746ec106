"""Settings, read once from the environment and refused when wrong. CONTRACT: `Running it`."""

from pathlib import Path

import environ

from api.core.http import proxies
from api.core.limits import rates
from api.core.settings import cache, configuration, mail, passwords
from resources.core.database import budget

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
env = environ.Env()

NAME = REALM = "Headwater"
VERSION = "0.1.0"
DEBUG = env.bool("DEBUG", default=False)
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
WORKERS = env.int("WORKERS", default=1)
PUBLIC_URL = configuration.public_url(env.str("PUBLIC_URL", default=""))
SECRET_KEY = configuration.secret_key(env.str("SECRET_KEY", default=""), keep_in=VAR, debug=DEBUG, host=HOST)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = configuration.allowed_hosts(env.list("ALLOWED_HOSTS", default=[]), HOST, PUBLIC_URL)
TIME_BUDGET = budget.seconds(env.str("TIME_BUDGET", default="10"))
WORK_BUDGET = budget.seconds(env.str("WORK_BUDGET", default="1"), "WORK_BUDGET")
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR / 'headwater.sqlite3'}")
THREADS = env.int("THREADS", default=configuration.threads(DATABASE_URL))
THREADS_AT_ONCE = configuration.threads_at_once(DATABASE_URL, THREADS)
DATABASES = {"default": configuration.database(DATABASE_URL, TIME_BUDGET, THREADS)}

# What one connection may make a process hold, and for how long.
MAX_CONNECTIONS = configuration.number("MAX_CONNECTIONS", env.str("MAX_CONNECTIONS", default="0"), 0, 1_000_000)
MAX_STREAMS = configuration.number("MAX_STREAMS", env.str("MAX_STREAMS", default="8000"), 0, 1_000_000)
MAX_LIVE_ROWS = configuration.number("MAX_LIVE_ROWS", env.str("MAX_LIVE_ROWS", default="500000"), 0, 1_000_000_000)
MAX_STREAMS_ACTOR = configuration.number("MAX_STREAMS_ACTOR", env.str("MAX_STREAMS_ACTOR", default="100"), 0, 1_000_000)
MAX_STREAMS_ADDRESS = configuration.number(
    "MAX_STREAMS_ADDRESS", env.str("MAX_STREAMS_ADDRESS", default="20"), 0, 1_000_000
)
WEBSOCKET_DEFLATE = env.bool("WEBSOCKET_DEFLATE", default=False)  # it takes 40 KB of each
MAX_HEAD = configuration.number("MAX_HEAD", env.str("MAX_HEAD", default="65536"), 1024, 2**20)
DATA_UPLOAD_MAX_MEMORY_SIZE = configuration.number("MAX_BODY", env.str("MAX_BODY", default=str(10 * 2**20)), 1, 2**40)
MIGRATION_LOCK_TIMEOUT = budget.seconds(env.str("MIGRATION_LOCK_TIMEOUT", default="0.05"), "MIGRATION_LOCK_TIMEOUT")
UNINDEXED_ROWS = configuration.number_or_off("UNINDEXED_ROWS", env.str("UNINDEXED_ROWS", default="1000000"))
MAX_PAGE = configuration.number("MAX_PAGE", env.str("MAX_PAGE", default=str(4 * 2**20)), 1024, 2**30)
MAX_ANSWERS = configuration.number("MAX_ANSWERS", env.str("MAX_ANSWERS", default=str(64 * 2**20)), 0, 2**40)
JOURNAL_RETENTION = configuration.number("JOURNAL_RETENTION", env.str("JOURNAL_RETENTION", default="7"), 7, 36_500)
HEAD_TIMEOUT = configuration.seconds("HEAD_TIMEOUT", env.str("HEAD_TIMEOUT", default="10"))
BODY_TIMEOUT = configuration.seconds("BODY_TIMEOUT", env.str("BODY_TIMEOUT", default="30"))
ANSWER_TIMEOUT = configuration.seconds("ANSWER_TIMEOUT", env.str("ANSWER_TIMEOUT", default="30"))

TRUSTED_PROXIES = proxies.trusted(env.list("TRUSTED_PROXIES", default=[]))
VALKEY_URL = env.str("VALKEY_URL", default="")
CACHES = cache.caches(VALKEY_URL)
LIMIT_ANONYMOUS = rates.rate("anonymous", env.str("LIMIT_ANONYMOUS", default="60/m"))
LIMIT_LOOPBACK = rates.rate("anonymous", env.str("LIMIT_ANONYMOUS", default="1000/m"))
LIMIT_ACTOR = rates.rate("actor", env.str("LIMIT_ACTOR", default="5000/m"))
LIMIT_LOGIN = rates.rate("login", env.str("LIMIT_LOGIN", default="10/m"))
LIMIT_INVITATIONS = rates.rate("invitations", env.str("LIMIT_INVITATIONS", default="20/d"))
LIMIT_WITHOUT_VALKEY = configuration.choice(
    "LIMIT_WITHOUT_VALKEY", env.str("LIMIT_WITHOUT_VALKEY", default="open"), "open", "closed"
)

# Your API. By its name a domain is installed below, served by api/urls.py, and given its place in the import laws.
DOMAINS = ("accounts", "places", "trips")
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "corsheaders",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "resources.core",
    *(f"resources.{domain}" for domain in DOMAINS),
    "api.core",
    "openapi.core",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
]

ROOT_URLCONF = "api.urls"
APPEND_SLASH = False
MIDDLEWARE = [
    "api.core.http.proxies.Proxies",
    "api.core.http.middleware.RequestId",
    "api.core.http.metrics.Metrics",
    "api.core.http.middleware.Problems",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "api.core.limits.middleware.Limits",
    "api.core.http.compression.Compression",
    "api.core.http.middleware.CleanInput",
    "allauth.account.middleware.AccountMiddleware",
]
SECURE_CSP = {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}  # pages for people bring their own
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if PUBLIC_URL.startswith("https://") else 0)
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # frames are refused by the content security policy
    "security.W003",  # CSRF is asked for where a cookie says who asks, and nowhere else
    "security.W005",  # what other hosts of the domain speak is not for this one to say
    "security.W008",  # a redirect would come after a key has been sent in the clear
    "security.W009",  # `secret_key` refuses weak ones
    "security.W021",  # see W005
]
CORS_ALLOW_CREDENTIALS = True  # for the origins named, which are never all
CORS_ALLOWED_ORIGINS = configuration.origins(env.list("CORS_ORIGINS", default=[]))
CORS_ALLOW_HEADERS = (
    *("accept", "authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "last-event-id"),
    *("prefer", "x-csrftoken", "x-email-verification-key", "x-password-reset-key", "x-request-id", "x-requested-with"),
    "x-session-token",
)
CORS_EXPOSE_HEADERS = (
    *("ETag", "Link", "Location", "Allow", "Content-Disposition", "Preference-Applied", "RateLimit"),
    *("RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-ID", "Deprecation", "Sunset"),
    "Idempotency-Replayed",
)

# People: how they sign up and log in, at /auth, by django-allauth.
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = passwords.VALIDATORS
PASSWORD_HASHERS = passwords.HASHERS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = CORS_ALLOWED_ORIGINS
CSRF_FAILURE_VIEW = "api.core.http.errors.no_csrf_token"
HEADLESS_ONLY = True
HEADLESS_ADAPTER = "api.core.people.adapters.HeadlessAdapter"
HEADLESS_TOKEN_STRATEGY = "api.core.people.tokens.Tokens"  # noqa: S105 - a class
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_PRIVATE_KEY = passwords.derived_key(SECRET_KEY, "access tokens")
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True  # who logs out, or is sent away, is out at once
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = SESSION_COOKIE_AGE = 14 * 24 * 3600
ACCOUNT_ADAPTER = "api.core.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = ACCOUNT_REAUTHENTICATION_REQUIRED = ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}  # and no code by mail, which allauth has since 65.22
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{NAME}] "
MFA_ADAPTER = "api.core.people.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER, MFA_TOTP_TOLERANCE = NAME, 1  # a code may be one step old, or early (RFC 6238, section 5.2)
PASSKEY_DOMAIN = env.str("PASSKEY_DOMAIN", default="")
MAILERS = {"default": mail.mailer(env.str("EMAIL_URL", default="consolemail://"))}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", default=mail.sender(PUBLIC_URL))
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.core.people.authentication.AccessTokenAuthentication",
        "api.core.http.authentication.ApiKeyAuthentication",
        "api.core.http.authentication.StreamAuthentication",
        "api.core.people.authentication.SessionTokenAuthentication",
        "api.core.people.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": ["api.core.limits.middleware.ActorLimit"],
    "DEFAULT_RENDERER_CLASSES": ["api.core.http.representations.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.core.http.parsing.JSONParser", "api.core.http.parsing.MergePatchParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.core.http.negotiation.Negotiation",
    "DEFAULT_SCHEMA_CLASS": "openapi.core.schema.Operation",
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "api.core.http.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
    "STRICT_JSON": True,
    "DURATION_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": NAME,
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/v1",
    "PREPROCESSING_HOOKS": ["openapi.core.generation.document.named"],
    "POSTPROCESSING_HOOKS": ["openapi.core.generation.document.complete"],
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
READ_LEVEL = env.str("READ_LEVEL", default="traced")
LOGGING = configuration.logging(env.str("LOG_FORMAT", default="text"))
