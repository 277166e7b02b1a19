"""What a newcomer meets first: the pinned packages, the commands, the settings and the map of the folders."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from streamlit import config

ROOT = Path(__file__).parent.parent
PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[0-9][0-9a-z.]*)(?: ; (?P<where>[^#]+?))?\s*(?:# (?P<why>.+))?"
)
TARGETS = ("run", "test", "lint", "bench", "demo", "pin", "clean", "help")
SETTINGS = {
    "browser.gatherUsageStats": False,
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "runner.postScriptGC": False,
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["localhost", "127.0.0.1", "::1"],
    "server.enableCORS": True,
    "server.enableWebsocketCompression": True,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 400,
    "server.showEmailPrompt": False,
}
# Written in pieces, so that this file does not hold what it forbids.
FOREIGN = re.compile(
    "|".join(
        [
            r"(?<![\w.~-])/(?:home|Users|root|work|opt|mnt)" + r"/[\w.-]",
            r"[A-Z]:\\" + r"Users\\",
            r"py" + r"pi\.org",
            r"python" + r"hosted\.org",
            r"registry\.npm" + r"js",
            r"--(?:extra-)?index" + r"-url",
        ]
    )
)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def lines(name: str) -> list[str]:
    return [line for line in text(name).splitlines() if line and not line.startswith(("#", "-r "))]


def tracked() -> list[Path]:
    """What is in the repository, or would be with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_exactly(name: str) -> None:
    assert len(lines(name)) > 20
    assert [line for line in lines(name) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_what_we_ask_for_is_what_is_pinned(name: str) -> None:
    asked = {found["name"]: found["version"] for line in lines(f"{name}.in") if (found := PIN.fullmatch(line))}
    pinned = {found["name"]: found["version"] for line in lines(f"{name}.txt") if (found := PIN.fullmatch(line))}
    assert len(asked) == len(lines(f"{name}.in"))
    assert {package: pinned.get(package) for package in asked} == asked


def test_the_tests_run_on_what_users_run() -> None:
    dev = {found["name"]: found["version"] for line in lines("requirements-dev.txt") if (found := PIN.fullmatch(line))}
    run = {found["name"]: found["version"] for line in lines("requirements.txt") if (found := PIN.fullmatch(line))}
    assert {package: dev.get(package) for package in run} == run


@pytest.mark.parametrize("line", [*lines("requirements.in"), *lines("requirements-dev.in")])
def test_every_package_has_a_reason(line: str) -> None:
    found = PIN.fullmatch(line)
    assert found is not None
    assert len((found["why"] or "").split()) >= 3


@pytest.mark.parametrize("target", TARGETS)
def test_make_has_the_target_and_explains_it(target: str) -> None:
    assert re.search(rf"^{target}:.* ## \w", text("Makefile"), flags=re.MULTILINE)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_as_promised(name: str) -> None:
    section, key = name.split(".")
    assert tomllib.loads(text(".streamlit/config.toml"))[section][key] == SETTINGS[name]


def test_streamlit_knows_every_setting() -> None:
    settings = tomllib.loads(text(".streamlit/config.toml"))
    ours = {section: settings[section] for section in ("browser", "client", "runner", "server")}
    unknown = [f"{section}.{key}" for section in ours for key in ours[section] if not known(f"{section}.{key}")]
    assert unknown == []
    assert not known("server.noSuchThing")


def known(name: str) -> bool:
    try:
        config.get_option(name)
    except RuntimeError:
        return False
    return True


def test_the_readme_names_every_folder() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    assert "core" in folders
    unnamed = {folder for folder in folders if not folder.startswith(".") and f"`{folder}/" not in text("README.md")}
    assert unnamed == set()


def test_the_readme_names_every_page() -> None:
    pages = [path.name for path in sorted((ROOT / "pages").glob("[!_]*.py"))]
    assert pages
    assert [page for page in pages if page not in text("README.md")] == []


def test_links_between_documents_lead_somewhere() -> None:
    documents = [path for path in tracked() if path.suffix == ".md"]
    assert documents
    broken = [
        f"{path.name}: {target}"
        for path in documents
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []


def test_no_file_tells_of_the_machine_it_was_written_on() -> None:
    found = []
    for path in tracked():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in FOREIGN.finditer(content)]
    assert found == []
