import json

import pytest
from click.testing import CliRunner

from gmai.cli import main
from gmai.errors import ConfigError
from gmai.pmc import CaptionsConfig, split_captions

ARTICLE = """<article><front><article-meta><article-id pub-id-type="pmcid">PMC1</article-id></article-meta></front>
<body>
<fig id="f1"><label>Fig. 1</label><caption><title>Two scans</title><p>(A) CT. (B) MRI. Scale bar: 1 cm.</p></caption>
<graphic xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="f1"/></fig>
<fig id="f2"><caption><p>{second}</p></caption></fig><fig id="f3"/></body></article>"""


@pytest.fixture
def articles(tmp_path):
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.xml").write_text(ARTICLE.format(second="Serum vitamin A."), encoding="utf-8")
    (folder / "broken.xml").write_text("<article><body>", encoding="utf-8")
    return folder


def test_every_figure_has_a_line_and_every_file_that_fails_a_reject(articles, tmp_path):
    out = tmp_path / "out"
    stats = split_captions(CaptionsConfig(articles=str(articles), out=out))
    assert (stats["figures"], stats["split"], stats["rejects"]) == (3, 1, 1)
    assert stats["unsplit"] == {"empty": 1, "no_labels": 1}
    lines = [json.loads(line) for line in (out / "captions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["figure"] for line in lines] == ["f1", "f2", "f3"]
    assert lines[0]["article"] == "PMC1"
    assert lines[0]["text"] == "Two scans. (A) CT. (B) MRI. Scale bar: 1 cm."
    assert [(sub["labels"], sub["text"]) for sub in lines[0]["parts"]["subs"]] == [(["A"], "CT."), (["B"], "MRI.")]
    assert lines[0]["parts"]["tail"] == "Scale bar: 1 cm."
    assert len((out / "rejects.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_the_same_captions_keep_the_folder_and_others_are_refused(articles, tmp_path):
    config = CaptionsConfig(articles=str(articles), out=tmp_path / "out")
    first = split_captions(config)
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    assert split_captions(config) == first
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    (articles / "a.xml").write_text(ARTICLE.format(second="Other."), encoding="utf-8")
    with pytest.raises(ConfigError):
        split_captions(config)


def test_the_command_tells_how_many_were_cut(articles, tmp_path):
    result = CliRunner().invoke(main, ["pmc", "captions", str(articles), "-o", str(tmp_path / "out"), "--quiet"])
    assert result.exit_code == 0, result.output
    assert "1 of 3 captions cut into 2 parts (1 empty, 1 no_labels)" in result.output


def test_a_place_that_is_not_there_is_an_error_without_traceback(tmp_path):
    result = CliRunner().invoke(main, ["pmc", "captions", str(tmp_path / "no"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "no such file" in result.output
    assert not (tmp_path / "out").exists()
