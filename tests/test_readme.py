"""The README is executed: its blocks give the output that stands under them, its picture is what they draw."""

import contextlib
import io
import re
import runpy
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    (language, textwrap.dedent(code))
    for _, language, code in re.findall(r"^( *)```(\w+)\n(.*?)^\1```$", TEXT, re.MULTILINE | re.DOTALL)
]


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """The README run from top to bottom in an empty folder: the names it made, and what each block printed."""
    monkeypatch.chdir(tmp_path)
    names, printed = {}, []
    for place, (language, code) in enumerate(BLOCKS):
        if language == "python":
            file = tmp_path / f"block{place}.py"  # pictures take the names of variables from the source
            file.write_text(code, encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()) as out:
                names.update(runpy.run_path(str(file), init_globals=names))
            printed.append(out.getvalue())
    return names, printed


def texts(svg: Path) -> list[str]:
    """What is written in a picture; where things stand differs between versions of Graphviz."""
    return sorted("".join(node.itertext()).strip() for node in ET.parse(svg).iter() if node.tag.endswith("}text"))


def test_every_block_is_python_its_output_or_a_command():
    assert {language for language, _ in BLOCKS} == {"python", "text", "bash"}
    assert len(BLOCKS) == TEXT.count("```") / 2


def test_every_block_runs_and_prints_what_stands_under_it(ran):
    _, printed = ran
    stated = [
        code if language == "text" else ""
        for (before, _), (language, code) in zip(BLOCKS, [*BLOCKS[1:], ("", "")], strict=True)
        if before == "python"
    ]
    assert printed == stated


def test_the_picture_is_the_one_that_the_first_block_draws(ran):
    (picture,) = re.findall(r"!\[.*?\]\((.*?\.svg)\)", TEXT)
    assert texts(Path("neuron.svg")) == texts(ROOT / picture)


def test_the_op_of_the_readme_is_differentiated(ran):
    names, _ = ran
    tg = names["tg"]
    x = tg.Tensor([0.0, 1.0], requires_grad=True)
    names["exp"](x).sum().backward()
    assert x.grad == pytest.approx([1, 2.718282])


def test_two_commands_do_everything_each_in_an_environment_of_its_own():
    commands = [code.strip() for language, code in BLOCKS if language == "bash"]
    assert len(commands) == 2
    environments = []
    for command, end in zip(commands, ["tinygrad-edu demo", "pytest"], strict=True):
        assert "\n" not in command
        made = re.match(r"python3 -m venv (\S+) && ", command)[1]
        assert command.endswith(f" && {made}/bin/{end}")
        environments.append(made)
    assert len(set(environments)) == 2


def test_links_lead_to_files():
    for target in re.findall(r"\]\((?!http)(.*?)\)", TEXT):
        assert (ROOT / target).exists(), target


def test_how_it_works_fits_in_about_twenty_lines_beside_its_code():
    section = TEXT.split("## How it works\n")[1].split("\n## ")[0]
    prose = re.sub(r" *```.*?```", "", section, flags=re.DOTALL)
    assert len([line for line in prose.splitlines() if line.strip()]) <= 20
