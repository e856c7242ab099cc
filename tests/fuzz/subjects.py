"""What is damaged: for every reader a small folder that it reads, the card to read it with, and the file to damage."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import nibabel
import numpy as np
import SimpleITK
from PIL import Image
from pydicom.data import get_testdata_file

import make
import make_media
import make_regions

RNG = np.random.default_rng(0)
VOLUME = (RNG.random((7, 9, 8)) * 300).astype(np.int16)
LABELS = np.zeros((7, 9, 8), np.uint8)
LABELS[2:5, 3:6, 2:6] = 1
LABELS[1, 1, 1:3] = 2


@dataclass(frozen=True)
class Subject:
    """A folder, how it is read, and what of it is damaged."""

    write: Callable[[Path], Any]
    targets: tuple[str, ...]
    """Globs of the files that are damaged, one at a time."""
    card: dict[str, Any] = field(default_factory=dict)


def plain(write: Callable[[Path], Any], *targets: str, **card: Any) -> Subject:
    """A picture or volume of which nothing is said."""
    return Subject(write, targets, {"format": "plain", "annotations": "none", "files": ["**/*"], **card})


def raster(name: str, mode: str = "RGB", **options: Any) -> Subject:
    def write(root: Path) -> None:
        Image.fromarray(make.pixels(40, 48, 3)).convert(mode).save(root / name, **options)

    return plain(write, name)


def encoded(name: str, deep: bool = True, channels: int = 3) -> Subject:
    def write(root: Path) -> None:
        array = make.pixels(40, 48, channels)
        cv2.imwrite(str(root / name), array.astype(np.uint16) * 257 if deep else array)

    return plain(write, name)


def rotated(root: Path) -> None:
    make.rotated_jpeg(root / "a.jpg", 6)


def animated(root: Path) -> None:
    pages = [Image.fromarray(make.pixels(seed=seed)) for seed in range(3)]
    pages[0].save(root / "a.gif", save_all=True, append_images=pages[1:])


def itk(name: str, **options: Any) -> Subject:
    def write(root: Path) -> None:
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(VOLUME), str(root / name), **options)

    ending = name.rpartition(".")[2]
    return plain(write, f"*.{ending}")


def neuro(name: str, kind: Any) -> Subject:
    def write(root: Path) -> None:
        nibabel.save(kind(VOLUME, np.diag([2.0, 2, 3, 1])), root / name)

    return plain(write, "*")


def nifti(name: str, fourth: int = 0) -> Subject:
    def write(root: Path) -> None:
        make.nifti(root / name, np.stack([VOLUME] * fourth, 3) if fourth else VOLUME)

    return plain(write, name)


def bundled(name: str) -> Subject:
    """A file that ships with pydicom."""

    def write(root: Path) -> None:
        path = get_testdata_file(name, download=False)
        assert path, f"pydicom no longer ships {name}"
        (root / "a.dcm").write_bytes(Path(path).read_bytes())

    return plain(write, "a.dcm", window={"mode": "header"}, privacy={"burned_in": "keep"})


def nibabel_file(*names: str) -> Subject:
    """Files that ship with nibabel."""

    def write(root: Path) -> None:
        from nibabel.testing import data_path

        for name in names:
            (root / name).write_bytes((Path(data_path) / name).read_bytes())

    return plain(write, *names)


def write_series(root: Path) -> None:
    make.series(root / "ct/a", VOLUME, [(-7, -5, 5 * i) for i in range(len(VOLUME))])


def write_ct_pair(root: Path) -> None:
    write_series(root)
    affine = np.array([[-1, 0, 0, 7], [0, -1, 0, 5], [0, 0, 5, 0], [0, 0, 0, 1]], float)
    make.nifti(root / "ct/labels/a.nii.gz", LABELS.transpose(2, 1, 0), affine)


def write_pairs(root: Path) -> None:
    make.nifti(root / "images/a.nii", VOLUME)
    make.nifti(root / "labels/a.nii", LABELS)


def write_arrays(root: Path) -> None:
    np.savez_compressed(root / "a.npz", x=make.pixels()[None].astype(np.float32), y=make.pixels()[None])


def write_array(root: Path) -> None:
    np.save(root / "c.npy", make.pixels()[None])


def write_slide(root: Path) -> None:
    make_media.pyramid(root / "a.tif", make_media.tissue(300, 320, (20, 20, 280, 300)), tile=64)


def write_scanned(root: Path) -> None:
    pixels = make_media.tissue(300, 320, (20, 20, 280, 300))
    make_media.aperio(root / "a.svs", pixels, pixels[:99, :99])


def write_video(root: Path) -> None:
    make_media.film(root / "polyp/a.mp4")


def write_table(root: Path) -> None:
    make.picture(root / "images/a.png")
    make.picture(root / "images/b.jpg")
    make.text(root / "t.csv", "image,label,x,y,w,h\na.png,x,1,2,3,4\nb.jpg,y,,,,\n")


def write_sheet(root: Path) -> None:
    import openpyxl

    make.picture(root / "images/a.png")
    book = openpyxl.Workbook()
    for row in (["image", "label"], ["a.png", "x"]):
        book.active.append(row)
    book.save(root / "t.xlsx")


def write_folders(root: Path) -> None:
    make.picture(root / "a/1.png")
    make.picture(root / "b/2.jpg")


def write_masks(root: Path) -> None:
    make.picture(root / "images/a.png")
    make.picture(root / "masks/a.png", (make.pixels() > 200).astype(np.uint8))


def write_mask_table(root: Path) -> None:
    make.picture(root / "images/a.png")
    make.picture(root / "masks/1.png", (make.pixels(8, 8) > 100).astype(np.uint8) * 255)
    make.text(root / "t.csv", "image,mask,label,Top,Left,Width,Height\na.png,1.png,x,2,3,8,8\n")


def write_coco(root: Path) -> None:
    make.picture(root / "a.png")
    shapes = [{"bbox": [1, 2, 3, 4]}, {"segmentation": [[1, 1, 9, 1, 9, 9]]}]
    shapes += [{"segmentation": {"size": [24, 32], "counts": counts}} for counts in ("Z24d0000000000Va0", [5, 3, 760])]
    boxes = [{"id": i, "image_id": 1, "category_id": 1, **shape} for i, shape in enumerate(shapes)]
    make.coco(root / "a.json", [{"id": 1, "file_name": "a.png", "width": 32, "height": 24}], boxes)


def write_voc(root: Path) -> None:
    make.picture(root / "JPEGImages/a.png")
    make.voc(root / "Annotations/a.xml", "a.png", [("x", 1, 2, 3, 4), ("y", 1, 2, 30, 44)])


def write_yolo(root: Path) -> None:
    make.picture(root / "train/images/a.png")
    make.text(root / "train/labels/a.txt", "0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.4 0.1 0.4 0.4\n")
    make.text(root / "data.yaml", "train: ../train/images\nnc: 2\nnames: [x, y]\n")


def write_dota(root: Path) -> None:
    make.picture(root / "train/images/a.png")
    make.text(root / "train/labelTxt/a.txt", "imagesource:x\ngsd:1\n1 1 9 1 9 9 1 9 x 0\n2 2 8 3 7 9 1 8 y 1\n")


def write_questions(root: Path) -> None:
    make.picture(root / "images/a.jpg")
    entries = [{"image_name": "a.jpg", "question": "Q?", "answer": "A"}]
    make.text(root / "q.json", json.dumps([*entries, {"image_name": "a.jpg", "question": "R?", "answer": 3}]))


def write_texts(root: Path) -> None:
    entries = [{"id": "1", "question": "Q?", "answer": "A", "topic": "t"}, {"id": "2", "question": "R?", "answer": "B"}]
    make.text(root / "q.json", json.dumps(entries))


def write_lines(root: Path) -> None:
    talks = [[{"from": "human", "value": f"Q{i}?"}, {"from": "gpt", "value": "A"}] for i in (1, 2)]
    lines = [json.dumps({"id": str(i), "conversations": talk}) for i, talk in enumerate(talks)]
    make.text(root / "d.jsonl", "\n".join(lines))


def write_reports(root: Path) -> None:
    make.picture(root / "images/a.png")
    make.text(root / "r.csv", 'image,findings,impression\na.png,"The lungs, clear.",Normal\n')


def write_medquad(root: Path) -> None:
    pairs = '<QAPairs><QAPair pid="1"><Question qid="1" qtype="x">Q?</Question><Answer>A</Answer></QAPair></QAPairs>'
    document = f'<Document id="1" source="s"><Focus>f</Focus>{pairs}</Document>'
    make.text(root / "1_QA/1.xml", f'<?xml version="1.0"?>{document}')


def write_segmentation(root: Path) -> None:
    write_series(root)
    files = sorted((root / "ct/a").glob("*.dcm"))
    make_regions.seg(root / "seg/a.dcm", files, [(1, place, LABELS[place] > 0) for place in range(len(files))])


def write_structures(root: Path) -> None:
    write_series(root)
    files = sorted((root / "ct/a").glob("*.dcm"))
    square = np.array([[-6, -4, 0], [-2, -4, 0], [-2, 0, 0], [-6, 0, 0]], float)
    contours = [("thing", "CLOSED_PLANAR", square + [0, 0, 5 * place], place) for place in (2, 3, 4)]
    make_regions.rtstruct(root / "rt/a.dcm", files, contours)


def of(format: str, write: Callable[[Path], Any], targets: tuple[str, ...], **card: Any) -> Subject:
    return Subject(write, targets, {"format": format, "files": ["**/*"], **card})


SUBJECTS: dict[str, Subject] = {
    "png": raster("a.png"),
    "png palette": raster("a.png", "P"),
    "png 16 bit": encoded("a.png"),
    "jpeg": raster("a.jpg"),
    "jpeg cmyk": raster("a.jpg", "CMYK"),
    "jpeg turned": plain(rotated, "a.jpg"),
    "tiff": raster("a.tif"),
    "tiff lzw": raster("a.tif", compression="tiff_lzw"),
    "tiff 16 bit": encoded("a.tif"),
    "bmp": raster("a.bmp"),
    "gif": plain(animated, "a.gif"),
    "webp": raster("a.webp"),
    "jpeg 2000": raster("a.jp2"),
    "ppm": raster("a.ppm"),
    "nifti": nifti("a.nii"),
    "nifti gz": nifti("a.nii.gz"),
    "nifti 4-D": nifti("a.nii", 3),
    "nrrd": itk("a.nrrd"),
    "nrrd packed": itk("a.nrrd", useCompression=True),
    "metaimage": itk("a.mha"),
    "metaimage packed": itk("a.mha", useCompression=True),
    "metaimage header": itk("a.mhd"),
    "mgh": neuro("a.mgh", nibabel.MGHImage),
    "mgz": neuro("a.mgz", nibabel.MGHImage),
    "analyze": neuro("a.img", nibabel.AnalyzeImage),
    "minc 1": nibabel_file("tiny.mnc"),
    "minc 2": nibabel_file("small.mnc"),
    "afni": nibabel_file("example4d+orig.HEAD", "example4d+orig.BRIK.gz"),
    "par rec": nibabel_file("phantom_EPI_asc_CLEAR_2_1.PAR", "phantom_EPI_asc_CLEAR_2_1.REC"),
    "npz": of("medmnist", lambda root: make.medmnist(root / "x.npz"), ("x.npz",)),
    "npz arrays": plain(write_arrays, "a.npz"),
    "npy": plain(write_array, "c.npy"),
    "dicom": bundled("CT_small.dcm"),
    "dicom jpeg": bundled("SC_rgb_jpeg_dcmtk.dcm"),
    "dicom jpeg 2000": bundled("MR_small_jp2klossless.dcm"),
    "dicom jpeg-ls": bundled("MR_small_jpeg_ls_lossless.dcm"),
    "dicom rle": bundled("MR_small_RLE.dcm"),
    "dicom palette": bundled("examples_palette.dcm"),
    "dicom frames": bundled("SC_rgb_rle_2frame.dcm"),
    "dicom series": plain(write_series, "ct/a/*.dcm", window={"mode": "header"}),
    "dicom_series": of(
        "dicom_series", write_series, ("ct/a/*.dcm",), annotations="none", slices={"mode": "all"}
    ),
    "dicom_seg": of("dicom_seg", write_segmentation, ("seg/a.dcm", "ct/a/002.dcm"), slices={"mode": "annotated"}),
    "rtstruct": of("rtstruct", write_structures, ("rt/a.dcm", "ct/a/002.dcm"), slices={"mode": "annotated"}),
    "volumes of series": of(
        "volumes", write_ct_pair, ("ct/a/001.dcm", "ct/labels/*"), slices={"mode": "largest"},
        options={"series": "ct/a/*.dcm", "labels": "ct/labels/{folder}.nii.gz"},
    ),
    "volumes": of(
        "volumes", write_pairs, ("images/*", "labels/*"), slices={"mode": "largest"},
        options={"images": "images/*.nii", "labels": "labels/{stem}.nii"},
    ),
    "slides": of(
        "slides", write_slide, ("a.tif",), options={"files": "a.tif"}, annotations="none",
        tiles={"size_px": 32, "count": 4},
    ),
    "slides of a scanner": of(
        "slides", write_scanned, ("a.svs",), options={"files": "a.svs"}, annotations="none",
        tiles={"size_px": 32, "count": 4},
    ),
    "videos": of(
        "videos", write_video, ("*/a.*",), frames={"mode": "even", "count": 3}, options={"layout": "label"}
    ),
    "class_table": of("class_table", write_table, ("t.csv", "t.csv", "images/*"), options={"table": "t.csv"}),
    "class_table sheet": of("class_table", write_sheet, ("t.xlsx",), options={"table": "t.xlsx"}),
    "class_folders": of("class_folders", write_folders, ("a/*", "b/*")),
    "masks": of("masks", write_masks, ("masks/*", "images/*")),
    "mask_table": of("mask_table", write_mask_table, ("t.csv", "masks/*")),
    "coco": of("coco", write_coco, ("a.json",), options={"annotations": "a.json"}),
    "voc": of("voc", write_voc, ("Annotations/*",)),
    "yolo": of("yolo", write_yolo, ("train/labels/*", "data.yaml")),
    "dota": of("dota", write_dota, ("train/labelTxt/*",)),
    "vqa": of("vqa", write_questions, ("q.json",)),
    "text_qa": of("text_qa", write_texts, ("q.json",), options={"files": "q.json"}),
    "dialogue": of("dialogue", write_lines, ("d.jsonl",)),
    "reports": of("reports", write_reports, ("r.csv",)),
    "medquad": of("medquad", write_medquad, ("1_QA/*",)),
}  # fmt: skip
