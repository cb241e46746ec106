"""A headless Chromium, and what it did: the addresses it asked for, and what its console complained of."""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
MISSING = "needs Chromium and its driver: apt-get install chromium chromium-driver"
PATIENCE = 60
REQUEST = "Network.requestWillBeSent"
# Chromium's own errands (updates, word lists) are no requests of the page, but there is no reason to run them.
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
)
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(`${e.effectiveDirective} ${e.blockedURI}`));
"""


@dataclass(frozen=True)
class Browser:
    """One window."""

    chrome: Chrome

    def resize(self, width: int, height: int) -> None:
        """Make the screen as wide and high as this, in pixels; below 600 it is a phone's."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)

    def prefer(self, scheme: str) -> None:
        """Prefer `light` or `dark`, as the system's settings would."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def until[T](self, condition: Callable[[], T]) -> T:
        """Wait until a condition holds and return what it gives.

        Raises:
            TimeoutException: it does not hold in time.
        """
        waiting = WebDriverWait(self.chrome, PATIENCE, ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(lambda _: condition())

    def find(self, selector: str, text: str = "") -> WebElement:
        """Wait for an element that is shown, on the screen or beyond it, and has a text in it."""

        def found() -> WebElement | None:
            elements = self.chrome.find_elements(By.CSS_SELECTOR, selector)
            known = (element for element in elements if text in (element.get_property("textContent") or ""))
            return next((element for element in known if element.is_displayed()), None)

        return self.until(found)

    def click(self, selector: str, text: str = "") -> None:
        """Wait for an element that is shown, and click it."""
        element = self.find(selector, text)
        self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.chrome.execute_script(script))

    def violations(self) -> list[str]:
        """Return what the page's security policy has kept it from."""
        return list(self.chrome.execute_script("return window.violations"))

    def complaints(self) -> list[str]:
        """Return the warnings and errors on the console since it was last asked."""
        return [entry["message"] for entry in self.chrome.get_log("browser") if entry["level"] != "INFO"]

    def asked(self) -> list[str]:
        """Return the addresses that were asked for anything since this was last asked, in their order."""
        messages = (json.loads(entry["message"])["message"] for entry in self.chrome.get_log("performance"))
        return [message["params"]["request"]["url"] for message in messages if message["method"] == REQUEST]


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Open a window of a fresh profile until the block ends."""
    options = Options()
    options.binary_location = CHROMIUM or ""
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    for argument in ARGUMENTS:
        options.add_argument(argument)
    chrome = Chrome(options=options, service=Service(DRIVER))
    try:
        chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NOTE_VIOLATIONS})
        yield Browser(chrome)
    finally:
        chrome.quit()
