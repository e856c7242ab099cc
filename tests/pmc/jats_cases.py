"""Hard articles written by hand, each with what a reader must find; what is not named is not looked at."""

from typing import Any, NamedTuple

# fmt: off

class Case(NamedTuple):
    name: str
    xml: str
    figures: list[dict[str, Any]]
    """Of each figure, in order, the fields that must be so; ``passages`` as (how, said, start of text)."""
    article: dict[str, Any] = {}


HEAD = '<article xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML"{}>'
META = "<front><article-meta>{}</article-meta></front>"
CASES: list[Case] = []


def article(body: str, front: str = "", attributes: str = "", rest: str = "") -> str:
    return f"{HEAD.format(attributes)}{META.format(front)}<body>{body}</body>{rest}</article>"


def fig(number: int = 1, caption: str = "<p>Words.</p>", more: str = "", attributes: str = "") -> str:
    return (
        f'<fig id="F{number}"{attributes}><label>Figure {number}</label><caption>{caption}</caption>{more}'
        f'<graphic xlink:href="f{number}.jpg"/></fig>'
    )


def ref(number: int, text: str = "", kind: str = ' ref-type="fig"') -> str:
    return f'<xref{kind} rid="F{number}">{text or f"Fig. {number}"}</xref>'


def case(name: str, xml: str, *figures: dict[str, Any], **of_article: Any) -> None:
    CASES.append(Case(name, xml, list(figures), of_article))


def caption(name: str, inside: str, expected: str) -> None:
    case(name, article(fig(caption=inside)), {"caption": expected})


def passages(name: str, body: str, *expected: list[tuple[str, str, str]]) -> None:
    figures = "".join(fig(number) for number in range(1, len(expected) + 1))
    case(name, article(figures + body), *({"passages": each} for each in expected))


# Words of captions.
caption("a power stays a power", "<p>About 10<sup>6</sup> cells.</p>", "About 10^6 cells.")
caption("a negative power", "<p>At 10<sup>−3</sup> M.</p>", "At 10^−3 M.")
caption("a power of a unit", "<p>5 mg/m<sup>2</sup> daily</p>", "5 mg/m^2 daily")
caption("an isotope before its name", "<p>With <sup>18</sup>F-FDG.</p>", "With 18F-FDG.")
caption("an ordinal is no power", "<p>The 5<sup>th</sup> day</p>", "The 5th day")
caption("a trade mark is no power", "<p>Prism<sup>®</sup> was used</p>", "Prism® was used")
caption("an index stays in its word", "<p>H<sub>2</sub>O and T<sub>1</sub></p>", "H2O and T1")
caption("a raised citation goes", '<p>As shown.<sup><xref ref-type="bibr" rid="b1">12</xref></sup> Next.</p>',
        "As shown. Next.")
caption("raised citations with commas go",
        '<p>Seen before<sup><xref ref-type="bibr" rid="b1">1</xref>,<xref ref-type="bibr" rid="b2">2</xref></sup>.</p>',
        "Seen before.")
caption("citations in brackets go",
        '<p>Seen before [<xref ref-type="bibr" rid="b1">1</xref>–<xref ref-type="bibr" rid="b3">3</xref>].</p>',
        "Seen before.")
caption("brackets inside the citation go", '<p>Seen <xref ref-type="bibr" rid="b1">[1]</xref>, again.</p>',
        "Seen, again.")
caption("a named citation stays", '<p>After <xref ref-type="bibr" rid="b1">Smith et al., 2010</xref>.</p>',
        "After Smith et al., 2010.")
caption("a footnote's mark goes", '<p>Mean<xref ref-type="fn" rid="n1">*</xref> values.</p>', "Mean values.")
caption("MathML as text",
        "<p>With <mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math> drawn.</p>",
        "With x^2 drawn.")
caption("a fraction keeps its stroke",
        "<p>Ratio <inline-formula><mml:math><mml:mfrac><mml:mi>a</mml:mi><mml:mi>b</mml:mi></mml:mfrac></mml:math>"
        "</inline-formula>.</p>", "Ratio a/b.")
caption("a formula in two forms is said once",
        "<p>If <inline-formula><alternatives><tex-math>\\documentclass{x}\\begin{document}$$p&lt;5$$\\end{document}"
        "</tex-math><mml:math><mml:mi>p</mml:mi><mml:mo>&lt;</mml:mo><mml:mn>5</mml:mn></mml:math></alternatives>"
        "</inline-formula>.</p>", "If p<5.")
caption("TeX alone loses its frame",
        "<p>If <inline-formula><tex-math>\\documentclass{x}\\begin{document}$$p=0.05$$\\end{document}</tex-math>"
        "</inline-formula> holds.</p>", "If p=0.05 holds.")
caption("a picture inside the words is left out", '<p>See <inline-graphic xlink:href="arrow.gif"/> here.</p>',
        "See here.")
caption("several paragraphs are kept apart", "<p>One.</p><p>Two.</p>", "One. Two.")
caption("nested emphasis", "<p><bold>(<italic>A</italic>)</bold> Left.</p>", "(A) Left.")
caption("a list inside", "<p>Shown:<list><list-item><p>one</p></list-item><list-item><p>two</p></list-item></list></p>",
        "Shown: one two")
caption("a comment inside a word", "<p>Mi<!-- no -->tosis.</p>", "Mitosis.")
caption("a processing instruction inside", "<p>Line<?pagebreak 3?> end.</p>", "Line end.")
caption("a line break is a space", "<p>First<break/>second</p>", "First second")
case("an entity of HTML's names",
     '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS v1.2//EN" "JATS.dtd">'
     + article(fig(caption="<p>5&nbsp;&micro;m &plusmn; 1</p>")), {"caption": "5 µm ± 1"})
caption("marked-up text in CDATA", "<p><![CDATA[a < b]]> holds</p>", "a < b holds")
caption("the figure's own address is no caption",
        "<p>Growth.</p><p><bold>DOI:</bold> http://dx.doi.org/10.7554/eLife.00001.003</p>", "Growth.")
caption("odd spaces are one", "<p>1\u2009000\u00a0cells\n\t  here</p>", "1 000 cells here")

# Parts of figures.
case("title and caption apart", article(fig(caption="<title>The title.</title><p>The rest.</p>")),
     {"title": "The title.", "caption": "The rest.", "label": "Figure 1"})
case("no caption", article('<fig id="F1"><label>Figure 1.</label><graphic xlink:href="a"/></fig>'),
     {"label": "Figure 1", "caption": "", "title": "", "graphics": ("a",)})
case("no label", article('<fig id="F1"><caption><p>Words.</p></caption></fig>'),
     {"label": "", "caption": "Words.", "graphics": ()})
case("no id", article('<fig><label>Figure 1</label><caption><p>a</p></caption></fig><p>See <xref ref-type="fig">Fig. 1'
                      "</xref>.</p>"),
     {"id": "figure-1", "passages": [("direct", "Fig. 1", "See Fig. 1.")]})
case("two figures of one id", article(fig(1) + fig(1)), {"id": "F1"}, {"id": "F1-2"})
case("words right in the figure", article('<fig id="F1"><label>Figure 1</label><p>Loose words.</p></fig>'),
     {"caption": "Loose words."})
case("figure inside a paragraph", article(f"<p>Before. {fig(1)} After {ref(1)}.</p>"),
     {"caption": "Words.", "passages": [("direct", "Fig. 1", "Before. After Fig. 1.")]})
case("figures among the floats", article(f"<p>{ref(1)} here.</p>", rest=f"<floats-group>{fig(1)}</floats-group>"),
     {"passages": [("direct", "Fig. 1", "Fig. 1 here.")]})
case("floats of NLM 2", article(f"<p>{ref(1)} here.</p>", rest=f"<floats-wrap>{fig(1)}</floats-wrap>"),
     {"passages": [("direct", "Fig. 1", "Fig. 1 here.")]})
case("a figure in a box", article(f"<boxed-text><p>x</p>{fig(1)}</boxed-text>"), {"id": "F1"})
case("a figure in the appendix", article("", rest=f"<back><app-group><app>{fig(1)}</app></app-group></back>"),
     {"id": "F1", "place": ""})
case("a graphical abstract", article("", front=f'<abstract abstract-type="graphical"><p>{fig(1)}</p></abstract>'),
     {"kind": "abstract"})
case("a scheme", article('<fig id="S1"><label>Scheme 1.</label><caption><p>a</p></caption></fig>'),
     {"kind": "scheme", "label": "Scheme 1"})
case("a supplementary figure", article('<fig id="S1"><label>Fig. S1</label><caption><p>a</p></caption></fig>'),
     {"kind": "supplement"})

# Pictures.
case("several pictures of one figure",
     article('<fig id="F1"><graphic xlink:href="a1.jpg"/><graphic xlink:href="a2.jpg"/></fig>'),
     {"graphics": ("a1.jpg", "a2.jpg")})
case("the best of alternatives",
     article('<fig id="F1"><alternatives><graphic xlink:href="a.gif"/><graphic xlink:href="a.jpg"/>'
             '<graphic xlink:href="a.tif"/></alternatives></fig>'),
     {"graphics": ("a.tif",), "other_graphics": (("a.jpg", "a.gif"),)})
case("thumbnails are left out",
     article('<fig id="F1"><alternatives><graphic xlink:href="a.jpg" specific-use="thumbnail"/>'
             '<graphic xlink:href="b.png"/><graphic content-type="scielo-267x140" xlink:href="c.jpg"/></alternatives>'
             "</fig>"),
     {"graphics": ("b.png",), "other_graphics": ((),)})
case("one picture in two endings",
     article('<fig id="F1"><graphic xlink:href="a.gif"/><graphic xlink:href="a.jpg"/></fig>'),
     {"graphics": ("a.jpg",)})
case("a picture as media", article('<fig id="F1"><media mimetype="image" xlink:href="a.png"/></fig>'),
     {"graphics": ("a.png",), "media": ()})
case("a film is no picture",
     article('<fig id="F1"><media mimetype="video" xlink:href="a.mp4"/><graphic xlink:href="a1.jpg"/></fig>'),
     {"graphics": ("a1.jpg",), "media": ("a.mp4",)})
case("data behind a figure is no picture",
     article(fig(caption='<p>a</p><supplementary-material><media mimetype="application" xlink:href="d.xlsx"/>'
                         "</supplementary-material>")),
     {"graphics": ("f1.jpg",)})
case("the picture of a formula is not the figure's",
     article(fig(caption='<p>a <disp-formula><graphic xlink:href="e1.gif"/></disp-formula></p>')),
     {"graphics": ("f1.jpg",), "caption": "a"})
case("a link without declared namespace",
     '<article><body><fig id="F1"><graphic href="a.jpg"/></fig></body></article>', {"graphics": ("a.jpg",)})
case("an address of a DOI", article('<fig id="F1"><graphic xlink:href="info:doi/10.1371/journal.pbio.1.g001"/></fig>'),
     {"graphics": ("info:doi/10.1371/journal.pbio.1.g001",)})

# Groups.
GROUP = ('<fig-group id="G1"><label>Figure 1</label><caption><title>Both.</title></caption>'
         '<fig id="F1a"><label>A</label><caption><p>Left.</p></caption></fig>'
         '<fig id="F1b"><label>B</label><caption><p>Right.</p></caption></fig></fig-group>')
case("a group's caption is kept with its figures", article(GROUP),
     {"id": "F1a", "parent": "G1", "group_caption": "Figure 1 Both.", "caption": "Left."},
     {"id": "F1b", "parent": "G1", "group_caption": "Figure 1 Both."})
case("a reference to a group means all of it",
     article(GROUP + '<p>See <xref ref-type="fig" rid="G1">Fig. 1</xref>.</p>'),
     {"passages": [("list", "Fig. 1", "See Fig. 1.")]}, {"passages": [("list", "Fig. 1", "See Fig. 1.")]})
case("a figure and its supplement",
     article('<fig-group><fig id="F1"><label>Figure 1.</label></fig><fig id="F1s1" specific-use="child-fig">'
             "<label>Figure 1—figure supplement 1.</label></fig></fig-group>"),
     {"kind": "figure", "parent": ""}, {"kind": "supplement", "parent": "F1"})
case("one picture under captions in two languages",
     article('<fig-group id="g"><fig id="f1" xml:lang="pt">'
             '<label>Figura 1</label><caption><p>Pulmão.</p></caption></fig>'
             '<fig id="f1e" xml:lang="en"><label>Figure 1</label><caption><p>Lung.</p></caption></fig>'
             '<graphic xlink:href="f1.tif"/></fig-group>', attributes=' xml:lang="pt"'),
     {"id": "f1", "language": "pt", "graphics": ("f1.tif",), "translations": [("en", "Lung.")]})

# References.
passages("one reference", f"<p>See {ref(1)}.</p>", [("direct", "Fig. 1", "See Fig. 1.")])
passages("twice in one paragraph is one passage", f"<p>See {ref(1, 'Fig. 1A')} and {ref(1, 'Fig. 1B')}.</p>",
         [("direct", "Fig. 1A; Fig. 1B", "See Fig. 1A and Fig. 1B.")])
passages("the panel's letter after the reference", f"<p>See {ref(1)}C, right.</p>", [("direct", "Fig. 1C", "See")])
passages("two targets in one reference", '<p>See <xref ref-type="fig" rid="F1 F2">Figs. 1 and 2</xref>.</p>',
         [("list", "Figs. 1 and 2", "See")], [("list", "Figs. 1 and 2", "See")])
passages("a range between two references", f"<p>See {ref(1, 'Figs. 1')}–{ref(3, '3')}.</p>",
         [("direct", "Figs. 1", "See")], [("range", "Figs. 1–3", "See")], [("direct", "3", "See")])
passages("a range in words", f"<p>See {ref(1)} to {ref(3)}.</p>",
         [("direct", "Fig. 1", "See")], [("range", "Fig. 1 to Fig. 3", "See")], [("direct", "Fig. 3", "See")])
passages("a range inside one reference", f"<p>See {ref(1, 'Figs. 1-3')}.</p>",
         [("direct", "Figs. 1-3", "See")], [("range", "Figs. 1-3", "See")], [("range", "Figs. 1-3", "See")])
passages("a range from two targets",
         '<p>See <xref ref-type="fig" rid="F1 F3">Figs. 1–3</xref>.</p>',
         [("list", "Figs. 1–3", "See")], [("range", "Figs. 1–3", "See")], [("list", "Figs. 1–3", "See")])
passages("a range that ends outside the reference", f"<p>See {ref(1, 'Figs. 1')}-3.</p>",
         [("direct", "Figs. 1", "See")], [("range", "Figs. 1-3", "See")], [("range", "Figs. 1-3", "See")])
passages("a list that ends outside the reference", f"<p>See {ref(1, 'Figs. 1')} and 2.</p>",
         [("direct", "Figs. 1", "See")], [("list", "Figs. 1 and 2", "See")])
passages("a number that is no figure", f"<p>In {ref(1)} and 2 patients.</p>", [("direct", "Fig. 1", "In")], [])
passages("two references are no range", f"<p>See {ref(1)}, {ref(3)}.</p>",
         [("direct", "Fig. 1", "See")], [], [("direct", "Fig. 3", "See")])
passages("a range of panels is no range of figures", f"<p>See {ref(1, 'Fig. 1A-C')}.</p>",
         [("direct", "Fig. 1A-C", "See")], [])
passages("a reference inside emphasis", f"<p>So (<italic>see</italic> <bold>{ref(1)}</bold>).</p>",
         [("direct", "Fig. 1", "So (see Fig. 1).")])
passages("a reference inside a raised mark", f"<p>So<sup>{ref(1, '1')}</sup>.</p>", [("direct", "1", "So")])
passages("a reference of no kind", f"<p>See {ref(1, kind='')}.</p>", [("direct", "Fig. 1", "See")])
passages("a reference of a kind in capitals", f"<p>See {ref(1, kind=' ref-type=' + chr(34) + 'Figure' + chr(34))}.</p>",
         [("direct", "Fig. 1", "See")])
passages(
    "an empty reference", '<p>See <xref ref-type="fig" rid="F1"/> here.</p>', [("direct", "Figure 1", "See here.")]
)
passages("in a list", f"<list><list-item><p>Point {ref(1)}.</p></list-item></list>",
         [("direct", "Fig. 1", "Point Fig. 1.")])
passages("in a table's cell", f"<table-wrap><table><tr><td>Case {ref(1)}</td></tr></table></table-wrap>",
         [("direct", "Fig. 1", "Case Fig. 1")])
passages("an article that marks no references", "<p>Seen in Figure 2 and later.</p>", [],
         [("named", "Figure 2", "Seen")])
case(
    "a figure does not cite itself", article(fig(1, caption=f"<p>As {ref(1)}.</p>")), {"passages": []}, num_citations=1
)
case("a caption that cites another figure", article(fig(1) + fig(2, caption=f"<p>As {ref(1)}.</p>")),
     {"passages": [("direct", "Fig. 1", "As Fig. 1.")]}, {"passages": []})
case("a reference to nothing", article(fig(1) + "<p>See " + ref(7) + ".</p>"), {"passages": []},
     dangling=("F7",), num_citations=1)
case("a reference in the abstract", article(fig(1), front=f"<abstract><p>In {ref(1)}.</p></abstract>"),
     {"sections": ["abstract"]})
case("sections one in another",
     article(fig(1) + f"<sec><title>Results</title><sec><title>CT</title><p>{ref(1)}.</p></sec></sec>"),
     {"sections": ["Results > CT"]})

# Languages and sub-articles.
TRANSLATED = article(
    fig(1, caption="<p>Pulmão.</p>") + f"<p>Veja {ref(1, 'Figura 1')}.</p>",
    attributes=' xml:lang="pt"',
    rest='<sub-article article-type="translation" xml:lang="en"><body><fig id="F1en"><label>Figure 1</label>'
    '<caption><p>Lung.</p></caption><graphic xlink:href="f1.jpg"/></fig>'
    '<p>See <xref ref-type="fig" rid="F1en">Figure 1</xref>.</p></body></sub-article>',
)
case("a translation is no second figure", TRANSLATED,
     {"language": "pt", "translations": [("en", "Lung.")], "passages": [("direct", "Figura 1", "Veja")]},
     language="pt", num_citations=2)
case("a translation with the ids of the original", TRANSLATED.replace("F1en", "F1"),
     {"translations": [("en", "Lung.")], "passages": [("direct", "Figura 1", "Veja")]})
case("a figure of a reply", article(fig(1), rest='<sub-article article-type="reply"><body>'
                                    '<fig id="R1"><label>Author response image 1.</label></fig></body></sub-article>'),
     {"place": ""}, {"place": "reply", "label": "Author response image 1"})
case("a response", article(fig(1), rest=f'<response response-type="reply"><body>{fig(2)}</body></response>'),
     {"place": ""}, {"place": "reply"})
case("a language with its region", article(fig(1), attributes=' xml:lang="EN-US"'), {"language": "en"}, language="en")

# Namespaces and wrappers.
case("an article in a default namespace",
     '<article xmlns="http://jats.nlm.nih.gov" xmlns:xlink="http://www.w3.org/1999/xlink"><body>' + fig(1)
     + f"<p>See {ref(1)}.</p></body></article>", {"graphics": ("f1.jpg",), "passages": [("direct", "Fig. 1", "See")]})
case("an article with a prefix",
     '<j:article xmlns:j="urn:j" xmlns:xlink="http://www.w3.org/1999/xlink"><j:body><j:fig id="F1"><j:label>Figure 1'
     '</j:label><j:graphic xlink:href="a.jpg"/></j:fig></j:body></j:article>',
     {"label": "Figure 1", "graphics": ("a.jpg",)})
case("an article in a service's answer",
     '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><GetRecord><record><metadata>' + article(fig(1))
     + "</metadata></record></GetRecord></OAI-PMH>", {"id": "F1"})
case("an article in a set", f"<pmc-articleset>{article(fig(1))}</pmc-articleset>", {"id": "F1"})

# Rights.
CC = '<permissions><license xlink:href="http://creativecommons.org/licenses/by/4.0/"><license-p>Open.</license-p></license></permissions>'  # noqa: E501
case("a figure under other terms",
     article(fig(1, more="<permissions><copyright-statement>© 2009 Elsevier</copyright-statement></permissions>")
             + fig(2), front=CC),
     {"licence": "unknown", "reprinted": True}, {"licence": "CC-BY-4.0", "reprinted": False}, licence="CC-BY-4.0")
case("a figure under its own licence", article(fig(1, more=CC.replace("by/4.0", "by-nc/3.0")), front=CC),
     {"licence": "CC-BY-NC-3.0", "reprinted": False})
case("reprinted with permission", article(fig(1, caption="<p>Scan. Reprinted with permission from [3].</p>"), front=CC),
     {"licence": "unknown", "reprinted": True})
case("rights in the attribution", article(fig(1, more="<attrib>Adapted from Smith, © Springer</attrib>"), front=CC),
     {"licence": "unknown", "reprinted": True})
case("a patient's permission is no reprint",
     article(fig(1, caption="<p>Scar. Published with permission of the patient.</p>"), front=CC),
     {"licence": "CC-BY-4.0", "reprinted": False})
case("a figure taken from an article under a named licence",
     article(fig(1, caption="<p>Adapted from Lee et al. under CC BY 4.0.</p>"), front=CC),
     {"licence": "CC-BY-4.0", "reprinted": True})

# Fronts.
case("ids, year and citation",
     article("", front='<article-id pub-id-type="pmc">12345</article-id><article-id pub-id-type="pmid">7</article-id>'
             '<article-id pub-id-type="doi">https://doi.org/10.1/x</article-id><title-group>'
             '<article-title>On <italic>E. '
             'coli</italic></article-title></title-group><pub-date pub-type="ppub"><year>2011</year></pub-date>'
             '<pub-date pub-type="epub"><year>2010</year></pub-date><volume>3</volume><fpage>5</fpage>'),
     pmcid="PMC12345", pmid="7", doi="10.1/x", id="PMC12345", title="On E. coli", year=2010,
     citation="On E. coli. 2010;3:5. doi:10.1/x")
case("a retracted article",
     article("", front='<related-article related-article-type="retraction-forward"/>'), retracted=True)
case("a title that says it was retracted",
     article("", front="<title-group><article-title>RETRACTED: Things</article-title></title-group>"), retracted=True)
case("the notice of a retraction is not retracted",
     article("", attributes=' article-type="retraction"',
             front='<related-article related-article-type="retracted-article"/>'), retracted=False, kind="retraction")
