"""What no card tells of its set's files, by card: names and paths, with a place for the ``{subject}``."""

from miniatures.texts import TEXTS
from miniatures.truth import Places

_BREAST = "BreaKHis_v1/histology_slides/breast"

PLACES: dict[str, Places] = {
    **TEXTS,
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
    "phantom-ultrasound": {"picture": "ultrasound/images/{subject}.png"},
    "phantom-xray": {"annotations": "xray/annotations.json", "picture": "xray/images/{subject}.png"},
    "retinamnist": {"colour": True},
    "sars-cov-2-ct": {"picture": "Covid ({subject}).png"},
    "tcb-bone-texture": {"picture": "Image_0_{subject}.tif"},
    "acdc": {
        "images": ("training/{subject}/{subject}_frame01.nii.gz",),
        "labels": "training/{subject}/{subject}_frame01_gt.nii.gz",
        "subjects": ("patient001", "patient100"),
    },
    "atm-22": {
        "images": ("imagesTr/{subject}.nii.gz",),
        "labels": "labelsTr/{subject}.nii.gz",
        "subjects": ("ATM_001", "ATM_281"),
    },
    "camus": {
        "images": (
            "database_nifti/{subject}/{subject}_2CH_ED.nii.gz",
            "database_nifti/{subject}/{subject}_4CH_ES.nii.gz",
        ),
        "labels": (
            "database_nifti/{subject}/{subject}_2CH_ED_gt.nii.gz",
            "database_nifti/{subject}/{subject}_4CH_ES_gt.nii.gz",
        ),
        "shape": (64, 24),
        "subjects": ("patient0001", "patient0500"),
    },
    "emidec": {
        "images": ("{subject}/Images/{subject}.nii.gz",),
        "labels": "{subject}/Contours/{subject}.nii.gz",
        "subjects": ("Case_N006", "Case_P001"),
    },
    "imagecas": {"images": ("{subject}/img.nii.gz",), "labels": "{subject}/label.nii.gz"},
    "instance-2022": {"images": ("train/data/{subject}.nii.gz",), "labels": "train/label/{subject}.nii.gz"},
    "kipa22": {"images": ("train/image/{subject}.nii.gz",), "labels": "train/label/{subject}.nii.gz"},
    "kits23": {
        "images": ("dataset/{subject}/imaging.nii.gz",),
        "labels": "dataset/{subject}/segmentation.nii.gz",
        "subjects": ("case_00000", "case_00537"),
    },
    "lascarqs-2022-task2": {
        "images": ("task2/train_data/{subject}/enhanced.nii.gz",),
        "labels": "task2/train_data/{subject}/atriumSegImgMO.nii.gz",
        "subjects": ("train_1", "train_130"),
    },
    **{
        card: {
            "images": (f"{task}/imagesTr/{{subject}}.nii.gz",),
            "labels": f"{task}/labelsTr/{{subject}}.nii.gz",
            "subjects": (f"{stem}_001", f"{stem}_014"),
        }
        for card, task, stem in (
            ("msd-colon", "Task10_Colon", "colon"),
            ("msd-heart", "Task02_Heart", "la"),
            ("msd-hepatic-vessel", "Task08_HepaticVessel", "hepaticvessel"),
            ("msd-liver", "Task03_Liver", "liver"),
            ("msd-lung", "Task06_Lung", "lung"),
            ("msd-pancreas", "Task07_Pancreas", "pancreas"),
            ("msd-spleen", "Task09_Spleen", "spleen"),
        )
    },
    "parse-2022": {
        "images": ("train/{subject}/image/{subject}.nii.gz",),
        "labels": "train/{subject}/label/{subject}.nii.gz",
        "subjects": ("PA000005", "PA000317"),
    },
    "promise12": {
        "images": ("training_data/{subject}.mhd",),
        "labels": "training_data/{subject}_segmentation.mhd",
        "subjects": ("Case00", "Case49"),
    },
    "prostate158-adc": {
        "images": ("prostate158_train/train/{subject}/adc.nii.gz",),
        "labels": "prostate158_train/train/{subject}/adc_tumor_reader1.nii.gz",
        "subjects": ("020", "158"),
    },
    "prostate158-t2": {
        "images": ("prostate158_train/train/{subject}/t2.nii.gz",),
        "labels": "prostate158_train/train/{subject}/t2_anatomy_reader1.nii.gz",
        "subjects": ("020", "158"),
    },
    "retouch": {
        "images": ("RETOUCH-TrainingSet-Spectralis/{subject}/oct.mhd",),
        "labels": "RETOUCH-TrainingSet-Spectralis/{subject}/reference.mhd",
        "subjects": ("TRAIN025", "TRAIN026"),
    },
    "seg-a-aorta": {
        "images": ("KiTS/{subject}/{subject}.nrrd",),
        "labels": "KiTS/{subject}/{subject}.seg.nrrd",
        "subjects": ("K1", "K20"),
    },
    "segthor": {
        "images": ("train/{subject}/{subject}.nii.gz",),
        "labels": "train/{subject}/GT.nii.gz",
        "subjects": ("Patient_01", "Patient_40"),
    },
    "spider-lumbar": {
        "images": ("images/{subject}_t1.mha", "images/{subject}_t2.mha"),
        "labels": ("masks/{subject}_t1.mha", "masks/{subject}_t2.mha"),
    },
    "word": {
        "images": ("imagesTr/{subject}.nii.gz",),
        "labels": "labelsTr/{subject}.nii.gz",
        "subjects": ("word_0002", "word_0004"),
    },
    "aoslo-cones": {
        "picture": "Images and Results/Confocal/{split} Images/{subject}_BL_0.65_aligned_CenterCropped.tif",
        "subjects": ("JC_0002", "JC_10089"),
        "splits": ("Training", "Validation"),
    },
    "arcade-stenosis": {
        "annotations": "arcade/stenosis/{split}/annotations/{split}.json",
        "picture": "arcade/stenosis/{split}/images/{subject}.png",
        "splits": ("train", "val", "test"),
    },
    "bagls": {"picture": "training/{subject}.png"},
    "bcss": {
        "picture": "0_Public-data-Amgad2019_0.25MPP/rgbs_colorNormalized/{subject}-DX1_xmin36_ymin1.png",
        "subjects": ("TCGA-A1-A0SK", "TCGA-A2-A04P"),
    },
    "busi": {
        "picture": "Dataset_BUSI_with_GT/{folder}/{folder} ({subject}).png",
        "splits": ("benign", "malignant"),
        "star": "",
    },
    "chase-db1": {"picture": "Image_{subject}L.jpg"},
    "cholecseg8k": {
        "picture": "{subject}/{subject}_00080/frame_100_endo.png",
        "subjects": ("video01", "video55"),
    },
    "covid-qu-ex-infection": {
        "picture": "Infection Segmentation Data/Infection Segmentation Data/{split}/COVID-19/images/{subject}.png",
        "splits": ("Train", "Test"),
    },
    "cvc-clinicdb": {"picture": "Original/{subject}.tif"},
    "dca1-angiograms": {"picture": "Database_134_Angiograms/{subject}.pgm"},
    "drive": {"picture": "training/images/{subject}_training.tif", "subjects": ("21", "40")},
    "ebhi-seg": {
        "picture": "EBHI-SEG/{folder}/image/{subject}-1-400-001.png",
        "subjects": tuple(f"GT200183{n}" for n in range(6)),
        "splits": ("Adenocarcinoma", "High-grade IN", "Low-grade IN", "Normal", "Polyp", "Serrated adenoma"),
    },
    "fives": {"picture": "{split}/Original/{subject}_A.png", "splits": ("train", "test")},
    "glas-2015": {
        "picture": "Warwick QU Dataset (Released 2016_07_08)/{split}_{subject}.bmp",
        "splits": ("train", "testA"),
    },
    "idrid-lesions": {
        "picture": "A. Segmentation/1. Original Images/{folder}/IDRiD_{subject}.jpg",
        "splits": ("Training", "Testing"),
        "folders": {"Training": "a. Training Set", "Testing": "b. Testing Set"},
        "star": "a. Training Set",
    },
    "isic-2018-task1": {"picture": "ISIC2018_Task1-2_Training_Input/ISIC_00000{subject}.jpg"},
    "kvasir-seg": {"picture": "Kvasir-SEG/images/cju0qkwl35piu0993l0dewei{subject}.jpg"},
    "lgg-mri": {
        "picture": "kaggle_3m/{subject}_19960909/{subject}_19960909_1.tif",
        "subjects": ("TCGA_CS_4941", "TCGA_HT_A61B"),
    },
    "montgomery-lungs": {
        "picture": "MontgomerySet/CXR_png/{subject}_0.png",
        "subjects": ("MCUCXR_0001", "MCUCXR_0104"),
    },
    "ravir": {"picture": "train/training_images/{subject}.png", "subjects": ("IR_Case_011", "IR_Case_017")},
    "refuge-disc-cup": {
        "picture": "Training400/{split}/g00{subject}.jpg",
        "splits": ("Glaucoma", "Non-Glaucoma"),
        "star": "Glaucoma",
    },
    "tn3k": {"picture": "tn3k/trainval-image/00{subject}.jpg"},
    "aml-cytomorphology": {"picture": "{label}_00{subject}.tiff"},
    "aptos-2019": {"picture": "000c1434d8{n}"},
    "bone-marrow-cytomorphology": {"picture": "0001-1000/{label}_000{subject}.jpg"},
    "breakhis": {
        "picture": "{subject}/40X/{subject}-40-001.png",
        "subjects": ("SOB_B_A_14-22549AB", "SOB_B_A_14-22549CD"),
        "roots": {
            f"{_BREAST}/benign/SOB": ("adenosis", "fibroadenoma", "phyllodes_tumor", "tubular_adenoma"),
            f"{_BREAST}/malignant/SOB": (),
        },
    },
    "chexpert-small": {
        "picture": "CheXpert-v1.0-small/train/{subject}/study1/view{n}_frontal.jpg",
        "subjects": ("patient00001", "patient64540"),
    },
    "fetal-planes": {"picture": "Patient{subject}_Plane{n}_1_of_1", "splits": ("1", "0")},
    "fitzpatrick17k": {"picture": "5e82a45bc5d78bd24ae9202d194423f{n}"},
    "ham10000": {
        "picture": "ISIC_002741{n}",
        "images": "HAM10000_images_part_1",
        "more": ("HAM10000_images_part_2",),
        "subjects": ("HAM_0000118", "HAM_0002730"),
    },
    "hyperkvasir": {
        "picture": "b33a{subject}.jpg",
        "roots": {
            "labeled-images/upper-gi-tract/anatomical-landmarks": ("pylorus", "retroflex-stomach", "z-line"),
            "labeled-images/lower-gi-tract/pathological-findings": (),
        },
    },
    "idrid-grading": {"picture": "IDRiD_00{n}"},
    "isic-2019": {"picture": "ISIC_000000{n}"},
    "kvasir-v2": {"picture": "{subject}.jpg"},
    "lc25000": {
        "picture": "{label}{subject}.jpeg",
        "roots": {
            "lung_colon_image_set/colon_image_sets": ("colon_aca", "colon_n"),
            "lung_colon_image_set/lung_image_sets": (),
        },
    },
    "mhist": {"picture": "MHIST_aa{n}.png"},
    "nih-chestxray14": {"picture": "0000{subject}_00{n}.png"},
    "pad-ufes-20": {
        "picture": "{subject}_15_{n}.png",
        "images": "images/imgs_part_1",
        "more": ("images/imgs_part_3",),
        "subjects": ("PAT_8", "PAT_1094"),
    },
    "rfmid": {"picture": "{n}"},
    "rim-one-dl": {"picture": "r2_Im{subject}.png", "splits": ("training_set", "test_set")},
    "rsna-bone-age": {"picture": "137{n}"},
    "rsna-pneumonia": {"picture": "0004cfab-14fd-4e49-80ba-63a80b6bddd{n}"},
    "sipakmed": {"picture": "{label}/CROPPED/001_{subject}.bmp"},
    "vindr-cxr": {"picture": "50a418190bc3fb1ef1633bf9678929b{n}"},
}
