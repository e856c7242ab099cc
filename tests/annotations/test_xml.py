"""The one reader of XML: hostile files are refused, any encoding is read, and each refusal says why."""

import pytest

from gmai.annotations.xml_file import MAX_BYTES, local_name, parse_xml, read_xml
from gmai.errors import FormatError

LONG = "x" * 10_000
BOMB = f'<!DOCTYPE a [<!ENTITY a "{LONG}"><!ENTITY b "{"&a;" * 1000}"><!ENTITY c "{"&b;" * 1000}">]>'


def reason(content):
    with pytest.raises(FormatError) as error:
        parse_xml(content if isinstance(content, bytes) else content.encode(), "x.xml")
    assert "x.xml" in str(error.value)
    return error.value.reason


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f"{BOMB}<a>&c;</a>", "xml.entities"),
        (f'{BOMB}<a k="&c;"/>', "xml.entities"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a/>', "xml.entities"),
        ('<!DOCTYPE a [<!ENTITY % x "y">]><a/>', "xml.entities"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml.entities"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><a>&x;</a>', "xml.entities"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"), "xml.entities"),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a>&figure1;</a>', "xml.entity_unknown"),
        ("<a>&nbsp;</a>", "xml.invalid"),
        ("", "xml.empty"),
        (b"\xef\xbb\xbf \n", "xml.empty"),
        ("<html><body>404</body></html>", "xml.html"),
        ("<!doctype html><p>404", "xml.html"),
        ("<a><b></b>", "xml.invalid"),
        ("<a/><b/>", "xml.invalid"),
        ('<a k="1" k="2"/>', "xml.invalid"),
        ("<a>é</a>".encode("latin-1"), "xml.invalid"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "xml.invalid"),
        ("<a>" * 1000 + "</a>" * 1000, "xml.invalid"),
        ("no markup", "xml.invalid"),
        (b"\x89PNG\r\n\x1a\n\0\0", "xml.invalid"),
    ],
)
def test_what_is_refused_says_why(content, why):
    assert reason(content) == why


def test_a_file_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "big.xml"
    with path.open("wb") as out:
        out.truncate(MAX_BYTES + 1)
    with pytest.raises(FormatError) as error:
        read_xml(path, "big.xml")
    assert error.value.reason == "xml.too_large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "big5", "shift_jis"])
def test_any_declared_encoding(encoding):
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    assert parse_xml(f'<?xml version="1.0" encoding="{declared}"?><a>中</a>'.encode(encoding), "x").text == "中"


def test_one_byte_a_character_that_says_it_has_two():
    assert parse_xml('<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode(), "x").text == "é"


def test_comments_and_instructions_are_left_out_and_named_characters_put_in():
    content = (
        '<!DOCTYPE a SYSTEM "none.dtd"><n:a xmlns:n="u"><?p i?>x&nbsp;y<!-- c --><b>&eacute;</b>&alpha;&amp;z</n:a>'
    )
    root = parse_xml(content.encode(), "x")
    assert local_name(root) == "a" and "".join(root.itertext()) == "x\xa0yéα&z"
    assert [local_name(node) for node in root.iter()] == ["a", "b"]
