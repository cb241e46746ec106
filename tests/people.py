"""People as clients: an app that keeps a session token, a browser that keeps cookies, and the mail that they read."""

import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.core import mail

from tests.client import Answer, Client

PASSWORD = "seven sleepy lighthouses"
CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", re.MULTILINE)


def mailed_code(address: str) -> str:
    """The code in the last mail to an address."""
    (letter,) = [letter for letter in mail.outbox if address.lower() in letter.to][-1:]
    (code,) = CODE.findall(letter.body)
    return str(code)


class Device:
    """What a person holds: it sends to /auth, and remembers what the answers say of who it is."""

    flavour: str

    def client(self) -> Client:
        """A client that shows what is remembered."""
        raise NotImplementedError

    def remember(self, answer: Answer) -> None:
        """Keep what an answer says."""
        raise NotImplementedError

    def send(self, method: str, path: str, body: Any = None, **words: Any) -> Answer:
        """Send a request to /auth/<flavour>/v1."""
        sent = {} if body is None else {"body": body}
        answer = self.client().send(method, f"/auth/{self.flavour}/v1/{path}", **sent, **words)
        self.remember(answer)
        return answer


@dataclass
class App(Device):
    """An app: what it sends to /auth/app carries the session token of the last answer that had one."""

    api: Client
    token: str | None = None
    access: str | None = None
    refresh: str | None = None
    flavour = "app"

    def client(self) -> Client:
        """A client that shows the session token."""
        return self.api if self.token is None else self.api.with_headers(X_Session_Token=self.token)

    def remember(self, answer: Answer) -> None:
        """Keep the tokens of an answer."""
        meta = answer.json.get("meta", {}) if answer.content else {}
        self.token = meta.get("session_token", self.token)
        self.access = meta.get("access_token", self.access)
        self.refresh = meta.get("refresh_token", self.refresh)


@dataclass
class Browser(Device):
    """A page in a browser: keeps cookies, and sends the CSRF token in its header."""

    api: Client
    cookies: dict[str, str] = field(default_factory=dict)
    flavour = "browser"

    def client(self) -> Client:
        """A client that sends the cookies, and the CSRF token as a page does."""
        sent = {"Cookie": "; ".join(f"{name}={text}" for name, text in self.cookies.items())}
        if "csrftoken" in self.cookies:
            sent["X_CSRFToken"] = self.cookies["csrftoken"]
        return self.api.with_headers(**sent)

    def remember(self, answer: Answer) -> None:
        """Keep the cookies of an answer, and forget those that it takes back."""
        for name, morsel in answer.response.cookies.items():
            if morsel["max-age"] == 0:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value

    def cookie(self, answer: Answer, name: str) -> Any:
        """A cookie as an answer sets it, with its flags."""
        found: SimpleCookie = answer.response.cookies
        return found[name]


def device(api: Client, flavour: str) -> Device:
    """An app, or a browser that has loaded the page and with it the CSRF cookie."""
    if flavour == "app":
        return App(api)
    browser = Browser(api)
    browser.send("GET", "config")
    return browser


def signed_up(device: Device, email: str, password: str = PASSWORD) -> Answer:
    """Sign up, read the mail, and verify the address."""
    device.send("POST", "auth/signup", {"email": email, "password": password})
    return device.send("POST", "auth/email/verify", {"key": mailed_code(email)})


def logged_in(device: Device, email: str, password: str = PASSWORD) -> Answer:
    """Log in with a password."""
    return device.send("POST", "auth/login", {"email": email, "password": password})


def pending(answer: Answer) -> list[str]:
    """The steps that an answer says are left."""
    return [flow["id"] for flow in answer.json["data"]["flows"] if flow.get("is_pending")]


def faults(answer: Answer) -> list[tuple[str, str]]:
    """The pointers and codes of an answer's faults."""
    return [(fault.get("pointer", ""), fault["code"]) for fault in answer.json["errors"]]
