"""A real headless Chromium, driven by its WebDriver."""
import base64
import os
import shutil
import time

from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException, StaleElementReferenceException, WebDriverException)
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DESKTOP, PHONE = (1280, 800), (390, 844)


class Browser:
    def __init__(self, size=DESKTOP, language="en", dark=False, javascript=True):
        options = Options()
        options.binary_location = shutil.which("chromium")
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--hide-scrollbars", "--force-device-scale-factor=1",
                         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]:
            options.add_argument(argument)
        # Dark or light by the page's own media query, which the driver sets below.
        options.add_experimental_option("prefs", {
            "intl.accept_languages": language,
            "profile.managed_default_content_settings.javascript": 1 if javascript else 2})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(30)
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, url):
        self.driver.get(url)

    @property
    def text(self):
        """What a reader sees; nothing between two pages."""
        try:
            return self.driver.find_element(By.TAG_NAME, "body").text
        except (NoSuchElementException, StaleElementReferenceException):
            return ""
        except WebDriverException as error:
            # Chromium's own word for the same, where the page goes between the driver's two questions.
            if "does not belong to the document" not in error.msg:
                raise
            return ""

    def shows(self, text, seconds=30):
        """Waits for a text: a page that a press asks for takes its time."""
        end = time.time() + seconds
        while text not in self.text:
            assert time.time() < end, f"waited {seconds} s for {text!r} in:\n{self.text}"
            time.sleep(0.05)

    def find(self, css):
        WebDriverWait(self.driver, 30).until(
            lambda driver: driver.find_elements(By.CSS_SELECTOR, css))
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def press(self, css):
        self.find(css).click()

    def fill(self, css, text):
        self.find(css).send_keys(text)

    def overflows(self):
        """Whether the page is wider than the screen."""
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def console(self):
        """What the browser complains of: refused scripts and styles stand there."""
        return [line["message"] for line in self.driver.get_log("browser")]

    def picture(self, folder, name):
        """The whole page, where a folder for pictures is given."""
        if not folder:
            return
        os.makedirs(folder, exist_ok=True)
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}})
        with open(os.path.join(folder, name + ".png"), "wb") as file:
            file.write(base64.b64decode(shot["data"]))
