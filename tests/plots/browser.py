"""A headless Chromium that tests drive through its debugging protocol."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

NAMES = ("chromium", "chromium-browser", "google-chrome")


def missing():
    """What of Chromium and python3-websocket this machine lacks, or ""."""
    try:
        import websocket  # noqa: F401
    except ImportError:
        return "python3-websocket"
    return "" if any(map(shutil.which, NAMES)) else "Chromium"


class Browser:
    """One page. Its network reaches nothing, and what it asks for is in `requests`."""

    def __init__(self):
        import websocket

        # Some of its processes write there for a moment after it has ended.
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        program = next(filter(None, map(shutil.which, NAMES)))
        self.process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--remote-debugging-port=0",
                "--window-size=1280,900",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                f"--user-data-dir={self.profile.name}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.answers = {}
        self.requests = []
        self.problems = []
        self.last = 0
        self.socket = websocket.create_connection(self.page_address(), suppress_origin=True, timeout=30)
        for domain in ("Page", "Network", "Runtime"):
            self.call(f"{domain}.enable")

    def page_address(self, patience=30):
        """Chromium writes its port into a file once it listens."""
        file = pathlib.Path(self.profile.name) / "DevToolsActivePort"
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and self.process.poll() is None:
            if file.exists() and (port := file.read_text().split("\n")[0]):
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=10) as answer:
                    pages = [target for target in json.load(answer) if target["type"] == "page"]
                if pages:
                    return pages[0]["webSocketDebuggerUrl"]
            time.sleep(0.05)
        raise RuntimeError("Chromium does not listen")

    def call(self, method, **parameters):
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "method": method, "params": parameters}))
        while self.last not in self.answers:
            self.receive()
        answer = self.answers.pop(self.last)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def receive(self):
        message = json.loads(self.socket.recv())
        if "id" in message:
            self.answers[message["id"]] = message
        elif message["method"] == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        elif message["method"] == "Runtime.exceptionThrown":
            self.problems.append(message["params"]["exceptionDetails"])

    def open(self, path):
        self.call("Page.navigate", url=path.resolve().as_uri())
        while self.read("document.readyState") != "complete":
            time.sleep(0.02)

    def wait_for(self, condition, patience=20):
        deadline = time.monotonic() + patience
        while not self.read(condition):
            if time.monotonic() > deadline:
                raise RuntimeError(f"it does not come to {condition}; {self.problems}")
            time.sleep(0.02)

    def read(self, expression):
        """The value of an expression of the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def click(self, selector):
        """A click of the mouse into the middle of what the selector finds."""
        place = self.read(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)}); found.scrollIntoView({{block: 'center'}}); "
            "const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def close(self):
        self.call("Browser.close")
        self.socket.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()
