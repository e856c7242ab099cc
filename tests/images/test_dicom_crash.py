"""A decoder that dies takes its worker with it, and nothing else."""

import os
from pathlib import Path

import numpy as np
import pytest
from pydicom.encaps import encapsulate

import make
from gmai.base.pool import Death, run_tasks


def decode_or_die(task, at):
    """Read every file of a task, with a decoder of 12-bit JPEG that ends its process as a fault in C code would."""
    from gmai.images import open_image
    from gmai.images.dicom import codec

    codec._decode_frame = lambda src, runner: os.abort()
    shapes = []
    for position, path in enumerate(task):
        at(position)
        shapes.append(open_image(Path(path)).volume()[0].voxels.shape)
    return shapes


def test_a_decoder_that_dies_costs_only_the_file_it_held(tmp_path):
    pydicom, _ = pytest.importorskip("pydicom"), pytest.importorskip("imagecodecs")

    good = make.dicom(tmp_path / "good.dcm")
    bad = make.dicom(tmp_path / "bad.dcm", np.zeros((12, 16), np.uint16), BitsStored=12, HighBit=11)
    dataset = pydicom.dcmread(bad)
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.51"
    dataset.save_as(bad)
    tasks = [(str(good),), (str(good), str(bad)), (str(good),)]
    found = list(run_tasks(decode_or_die, tasks, workers=1, timeout_s=60))
    results = [result for _, result in found]
    assert results[0] == results[2] == [(1, 12, 16)]
    assert isinstance(results[1], Death) and results[1].position == 1 and "died" in results[1].why
