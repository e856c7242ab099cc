"""How each kind of malformed or hostile file is given to the reader it is for, and what came of it in one line."""

import shutil

import pydicom

import make
from gmai.annotations.xml_file import read_xml
from gmai.base import JobConfig, unpack
from gmai.corpus import iter_samples
from gmai.errors import GmaiError
from gmai.images import difference_hash, find_window, hash_distance, open_image, read_label_volume, read_picture
from gmai.sources import IngestConfig, ingest
from gmai.types import WindowPolicy

TOLD = {"sha256", "centre", "width", "files", "series", "removed"}
"""Parameters of steps that say nothing of what is wrong with a file."""
BLOOD = "BloodImage_00003.jpg"


def words(told):
    return [f"{name}={value}" for name, value in told.items() if name not in TOLD]


def picture(path, _):
    found = read_picture(path)
    told = [word for step in found.steps if step.name == "picture" for word in words(step.parameters)]
    kept = [] if found.own_bytes is None else [{b"\xff\xd8": "JPEG", b"\x89P": "PNG"}.get(found.own_bytes[:2], "?")]
    clipped = ["clipped"] if (found.pixels == 255).mean() > 0.9 else []
    return " ".join(["x".join(map(str, found.size)), *kept, *told, *clipped])


def near(path, _):
    """A copy that is nearly the same: how many of 64 bits its fingerprint differs."""
    one, other = (difference_hash(read_picture(each).pixels) for each in (path, path.with_name("jpeg_named_png_a.png")))
    return f"{picture(path, _)}, {hash_distance(one, other)} bits from its original"


def archive(path, tmp_path):
    written, lost = unpack(path, tmp_path / "in")
    there = {each.relative_to(tmp_path / "in").as_posix() for each in tmp_path.rglob("*") if each.is_file()}
    assert len(there) == len(written)
    return f"{' '.join(sorted(there))}; {reasons({f'{each.reason}': 1} for each in lost)}"


def xml(path, _):
    root = read_xml(path, path.name)
    text = "".join(root.itertext())
    assert "root:" not in text and "laugh" not in text
    links = sum(node.get("ref-type") == "fig" for node in root.iter("xref"))
    return f"figures {len(list(root.iter('fig')))}, captions {len(list(root.iter('caption')))}, links {links}"


def reasons(counts):
    found = {}
    for each in counts:
        for reason, count in each.items():
            found[reason] = found.get(reason, 0) + count
    return " ".join(f"{reason}={found[reason]}" for reason in sorted(found)) or "nothing lost"


def ingested(tmp_path, format, options=None, **fields):
    """Read ``files`` below a folder by a card; what was accepted and lost, and the samples."""
    fields = {"slices": {"mode": "all"}, **fields}
    card = make.write_card(tmp_path / "card.yaml", format=format, options=options or {}, **fields)
    config = IngestConfig(card=str(card), root=tmp_path / "files", out=tmp_path / "raw", job=JobConfig(workers=0))
    summary = ingest(config)
    left = {name: count for name, count in summary.accepted.items() if name not in {"sample", "picture"}}
    samples = [each.sample for each in iter_samples(tmp_path / "raw")] if summary.accepted.get("sample") else []
    return f"{reasons([left]).replace('nothing lost', 'nothing')}; {reasons([summary.reasons])}", samples


def copied(path, tmp_path, name):
    target = tmp_path / "files" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)
    return target


def voc(path, tmp_path):
    copied(path, tmp_path, "Annotations/a.xml")
    make.picture(tmp_path / "files/JPEGImages" / BLOOD, make.pixels(480, 640, 3))
    return ingested(tmp_path, "voc")[0]


def coco(path, tmp_path):
    copied(path, tmp_path, "a.json")
    for name in ("a.jpg", "b.jpg"):
        make.picture(tmp_path / "files" / name, make.pixels(10, 10, 3))
    return ingested(tmp_path, "coco", {"annotations": "a.json"})[0]


def yolo(path, tmp_path):
    copied(path, tmp_path, "labels/a.txt")
    make.picture(tmp_path / "files/images/a.png")
    make.text(tmp_path / "files/classes.txt", "cell\nplatelet\n")
    options = {"data": "", "images": "images/*", "labels": "labels", "classes": "classes.txt"}
    return ingested(tmp_path, "yolo", options)[0]


def table(path, tmp_path):
    copied(path, tmp_path, "t.csv")
    for name in ("肺炎_1.png", "a.png", "b.png"):
        make.picture(tmp_path / "files" / name)
    counts, samples = ingested(tmp_path, "class_table", {"image": "filename", "images": "."})
    said = [f"{sample.images[0].uri}={sample.annotations[0].name}" for sample in samples]
    return f"{' '.join(sorted(said))}; {counts}"


def dicom(path, tmp_path):
    copied(path, tmp_path, "a.dcm")
    return ingested(tmp_path, "plain", modality="CT", annotations="none")[0]


def no_identifier(path, tmp_path):
    """Everything that names the invented patient, searched in every byte that is written."""
    header = pydicom.dcmread(path)
    keywords = ("PatientName", "PatientID", "PatientBirthDate", "PatientAddress", "SOPInstanceUID", "StudyInstanceUID")
    planted = [str(header[keyword].value) for keyword in keywords if header.get(keyword)]
    came = dicom(path, tmp_path)
    written = [each.read_bytes() for each in (tmp_path / "raw").rglob("*") if each.is_file()]
    samples = [repr(stored.sample).encode() for stored in iter_samples(tmp_path / "raw")]
    found = [each for each in planted for data in [*written, *samples] if each.encode() in data]
    return f"{came}; {len(planted)} identifiers, found {len(found)}"


def series(path, tmp_path):
    """One file of a series, read with the whole series."""
    shutil.copytree(path.parent, tmp_path / "files")
    counts, samples = ingested(tmp_path, "dicom_series", {"files": "*.dcm"}, modality="CT", annotations="none")
    ordered = sorted(samples, key=lambda sample: sample.images[0].index)
    places = [place for place, sample in enumerate(ordered) if sample.images[0].uri == path.name]
    told = next(step.parameters for step in samples[0].provenance.steps if step.name == "dicom")
    return f"slice {places[0]} of 5, gaps={told['gaps']}; {counts}" if places else f"no slice; {counts}"


def volume(path, _):
    found = open_image(path).volume()[0]
    told = [word for step in found.steps for word in words(step.parameters) if "nan" in word]
    told += [] if found.oriented else ["not oriented"]
    assert find_window(found.voxels, WindowPolicy()).width > 0
    return " ".join(["x".join(map(str, found.voxels.shape)), *told])


def label(path, _):
    read_label_volume(path)
    return "read"


def pair(path, tmp_path):
    images = path.parent if path.parent.name == "label_shape_mismatch" else path.parent / "label_shape_mismatch"
    copied(images / "image.nii.gz", tmp_path, "images/a.nii.gz")
    if path.name != "image.nii.gz":
        copied(path, tmp_path, "labels/a.nii.gz")
    else:
        (tmp_path / "files/labels").mkdir()
    return ingested(tmp_path, "volumes", {"images": "images/*.gz"}, modality="MRI")[0]


def vqa(path, tmp_path):
    copied(path, tmp_path, "qa.json")
    make.text(tmp_path / "files/images/none", "")
    return ingested(tmp_path, "vqa")[0]


def text(path, tmp_path):
    copied(path, tmp_path, path.name)
    options = {"files": path.name, "question": "q", "answer": "q"}
    return ingested(tmp_path, "text_qa", options, modality="Text")[0]


def outcome(reader, path, tmp_path):
    """What came of a file: the reason it was refused, or what was read of it and lost."""
    try:
        return reader(path, tmp_path)
    except GmaiError as error:
        assert str(path.parent) not in str(error.message)
        return error.reason
