"""The cases of wirereel as tests of pytest: a test.toml is a file, each of its runs a test.

Put this beside the folder of the cases. `pytest fixtures/http -k messages` runs some of them, and
`-n 8` of pytest-xdist many at once. $WIREREEL names the program where it is not on the path.
"""

import json
import os
import subprocess

import pytest


def pytest_collect_file(file_path, parent):
    if file_path.name == "test.toml":
        return CaseFile.from_parent(parent, path=file_path)


class CaseFile(pytest.File):
    def collect(self):
        for run in wirereel(self.path.parent, "--list"):
            # "grades:messages@i386" is the run "messages@i386" of the case in the folder "grades".
            name = run["name"].removeprefix(self.path.parent.name).lstrip(":") or "case"
            yield CaseRun.from_parent(self, name=name, whole_name=run["name"])


class CaseRun(pytest.Item):
    def __init__(self, whole_name, **kwargs):
        super().__init__(**kwargs)
        self.whole_name = whole_name

    def runtest(self):
        [report] = wirereel(self.path.parent, "--exact", "--name", self.whole_name)
        if report["verdict"] == "skipped":
            pytest.skip(report["reason"])
        if report["verdict"] != "passed":
            raise CaseFailed(report)

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, self.whole_name


class CaseFailed(Exception):
    def __str__(self):
        [report] = self.args
        lines = [report["reason"]]
        for it in report.get("differences", []):
            expected, actual = it["expected"] or "nothing", it["actual"] or "nothing"
            field = f"{it['field']}: " if it["field"] else ""
            lines.append(f"{it['subject']}: {field}expected {expected}, got {actual}")
        return "\n".join(lines)


def wirereel(case, *arguments):
    """The objects that `wirereel test` prints of a case."""
    program = os.environ.get("WIREREEL", "wirereel")
    command = [program, "test", str(case), "-T", "json", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode not in (0, 1):
        raise pytest.UsageError(f"{' '.join(command)}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]
