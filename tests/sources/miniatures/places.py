"""What no card tells of its set's files, by card: names and paths, with a place for the ``{subject}``."""

from miniatures.truth import Places

PLACES: dict[str, Places] = {
    "bach-2018": {"picture": "b{subject}.tif"},
    "bccd": {"picture": "BloodImage_{subject}.jpg"},
    "bloodmnist": {"colour": True},
    "brain-tumor2": {
        "annotations": "{split}/_annotations.coco.json",
        "picture": "{split}/{subject}_jpg.rf.e810b334a781d52ceb314ce942d49766.jpg",
        "splits": ("train", "val", "test"),
        "subjects": ("218", "12"),
    },
    "colorectal-histology-2016": {"picture": "1A11_CRC-Prim-HE-{subject}_Row_1_Col_1.tif"},
    "dermamnist": {"colour": True},
    "dsb2018-nuclei": {"picture": "stage1_train/{subject}/images/{subject}.png"},
    "ge-head-ct": {"folder": "In/GE", "subjects": ("1",), "file": "{n:04d}.dcm"},
    "intel-mobileodt": {"picture": "{subject}.jpg"},
    "kermany-chest-xray": {"picture": "{subject}-0001.jpeg", "subjects": ("IM-0115", "NORMAL2-IM-1427")},
    "kermany-oct2017": {"picture": "{label}-{subject}-1.jpeg"},
    "knee-osteoarthritis-kl": {
        "picture": "{subject}L.png",
        "splits": ("train", "val", "test"),
        "subjects": ("9001695", "9003175"),
    },
    "limuc": {"picture": "UC_patient_{subject}_1.bmp", "splits": ("train_and_validation_sets", "test_set")},
    "malaria-cells": {
        "picture": "{subject}thinF_IMG_20150619_114756a_cell_179.png",
        "subjects": ("C33P1", "C100P61"),
    },
    "med-node": {"picture": "{subject}.jpg"},
    "msd-hippocampus": {
        "images": ("TrainingSet/images/{subject}.nii.gz",),
        "labels": "TrainingSet/labels/{subject}.nii.gz",
        "subjects": ("hippocampus_001", "hippocampus_003"),
    },
    "nct-crc-he-100k": {"picture": "{label}-AAAFLCLY{subject}.tif"},
    "nerthus": {"picture": "{subject}_score_1-0_00000001.jpg", "subjects": ("bowel_1", "bowel_13")},
    "pathmnist": {"colour": True},
    "pbc-blood-cells": {"picture": "BA_{subject}.jpg"},
    "phantom-ct": {"series": "ct/{subject}", "labels": "ct/labels/{subject}.nii.gz"},
    "phantom-fundus": {"picture": "{subject}_{n}.png"},
    "phantom-histology": {"picture": "{subject}.png"},
    "phantom-text": {
        "files": ("text/qa.jsonl",),
        "entries": [{"id": "1", "subject": "a", "question": "What is it?", "answer": "a cyst", "topic": "cysts"}],
    },
    "phantom-ultrasound": {"picture": "ultrasound/images/{subject}.png"},
    "phantom-xray": {"annotations": "xray/annotations.json", "picture": "xray/images/{subject}.png"},
    "pubmedqa": {
        "files": ("data/ori_pqal.json",),
        "entries": {
            "21645374": {
                "QUESTION": "Do mitochondria play a role in remodelling lace plant leaves?",
                "CONTEXTS": ["Programmed cell death is regulated."],
                "LONG_ANSWER": "They do.",
                "final_decision": "yes",
            },
        },
    },
    "retinamnist": {"colour": True},
    "sars-cov-2-ct": {"picture": "Covid ({subject}).png"},
    "vqa-rad": {
        "questions": {
            "osfstorage/VQA_RAD Dataset Public.json": [
                {
                    "image_name": "synpic1.jpg",
                    "question": "Is the lung clear?",
                    "answer": "yes",
                    "answer_type": "CLOSED",
                },
                {"image_name": "synpic2.jpg", "question": "What organ is shown?", "answer": "liver"},
            ],
        },
    },
    "tcb-bone-texture": {"picture": "Image_0_{subject}.tif"},
}
