"""Where the volumes of each set lie, by card: paths with a place for the ``{subject}``."""

from miniatures.truth import Places

VOLUMES: dict[str, Places] = {
    "acdc": {
        "images": ("{split}/{subject}/{subject}_frame01.nii.gz",),
        "labels": "{split}/{subject}/{subject}_frame01_gt.nii.gz",
        "subjects": ("patient001", "patient101"),
        "splits": ("training", "testing"),
    },
    "amos-2022": {
        "images": ("amos22/imagesTr/{subject}.nii.gz",),
        "labels": "amos22/labelsTr/{subject}.nii.gz",
        "subjects": ("amos_0001", "amos_0507"),
        "modalities": ("CT", "MRI"),
    },
    "atlas-stroke-2": {
        "images": ("Training/R001/{subject}/ses-1/anat/{subject}_ses-1_space-MNI152NLin2009aSym_T1w.nii.gz",),
        "labels": "Training/R001/{subject}/ses-1/anat/"
        "{subject}_ses-1_space-MNI152NLin2009aSym_label-L_desc-T1lesion_mask.nii.gz",
        "subjects": ("sub-r001s001", "sub-r001s039"),
    },
    "atm-22": {
        "images": ("imagesTr/{subject}.nii.gz",),
        "labels": "labelsTr/{subject}.nii.gz",
        "subjects": ("ATM_001", "ATM_281"),
    },
    "autopet-fdg": {
        "images": ("FDG-PET-CT-Lesions/{subject}/08-08-2002/SUV.nii.gz",),
        "labels": "FDG-PET-CT-Lesions/{subject}/08-08-2002/SEG.nii.gz",
        "subjects": ("PETCT_0011f3deaf", "PETCT_0117d7f11f"),
    },
    "brats-2021": {
        "images": (
            "{subject}/{subject}_flair.nii.gz",
            "{subject}/{subject}_t1.nii.gz",
            "{subject}/{subject}_t1ce.nii.gz",
            "{subject}/{subject}_t2.nii.gz",
        ),
        "labels": "{subject}/{subject}_seg.nii.gz",
        "subjects": ("BraTS2021_00000", "BraTS2021_01666"),
    },
    "btcv-abdomen": {
        "images": ("RawData/Training/img/{subject}.nii.gz",),
        "labels": "RawData/Training/label/{case}.nii.gz",
        "subjects": ("img0001", "img0040"),
        "cases": ("label0001", "label0040"),
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
    "crossmoda-2021": {
        "images": ("crossmoda_training/source_training/{subject}_ceT1.nii.gz",),
        "labels": "crossmoda_training/source_training/{subject}_Label.nii.gz",
        "subjects": ("crossmoda_1", "crossmoda_105"),
    },
    "ct-org": {"images": ("volume-{subject}.nii.gz",), "labels": "labels-{subject}.nii.gz"},
    "emidec": {
        "images": ("{subject}/Images/{subject}.nii.gz",),
        "labels": "{subject}/Contours/{subject}.nii.gz",
        "subjects": ("Case_N006", "Case_P001"),
    },
    "flare-2022": {
        "images": ("Training/FLARE22_LabeledCase50/images/{subject}_0000.nii.gz",),
        "labels": "Training/FLARE22_LabeledCase50/labels/{subject}.nii.gz",
        "subjects": ("FLARE22_Tr_0001", "FLARE22_Tr_0050"),
    },
    "hecktor-2022": {
        "images": ("hecktor2022_training/imagesTr/{subject}__CT.nii.gz",),
        "labels": "hecktor2022_training/labelsTr/{subject}.nii.gz",
        "subjects": ("CHUM-001", "MDA-042"),
    },
    "imagecas": {"images": ("1-200/{subject}.img.nii.gz",), "labels": "1-200/{subject}.label.nii.gz"},
    "instance-2022": {"images": ("train/data/{subject}.nii.gz",), "labels": "train/label/{subject}.nii.gz"},
    "isbi-2015-ms": {
        "images": (
            "training/{subject}/preprocessed/{subject}_01_flair_pp.nii",
            "training/{subject}/preprocessed/{subject}_01_mprage_pp.nii",
            "training/{subject}/preprocessed/{subject}_01_pd_pp.nii",
            "training/{subject}/preprocessed/{subject}_01_t2_pp.nii",
        ),
        "labels": "training/{subject}/masks/{subject}_01_mask1.nii",
        "subjects": ("training01", "training05"),
    },
    "isles-2022": {
        "images": (
            "{subject}/ses-0001/dwi/{subject}_ses-0001_dwi.nii.gz",
            "{subject}/ses-0001/dwi/{subject}_ses-0001_adc.nii.gz",
        ),
        "labels": "derivatives/{subject}/ses-0001/{subject}_ses-0001_msk.nii.gz",
        "subjects": ("sub-strokecase0001", "sub-strokecase0250"),
    },
    "ivdm3seg": {
        "images": (
            "{subject}/{subject}_fat.nii",
            "{subject}/{subject}_inn.nii",
            "{subject}/{subject}_opp.nii",
            "{subject}/{subject}_wat.nii",
        ),
        "labels": "{subject}/{subject}_Labels.nii",
    },
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
    "lctsc-2017": {
        "series": "LCTSC/LCTSC-{split}-S1-0{subject}/11-16-2003-NA-RTRCCTTHORAX/0.000000-NA-78236",
        "structures": "LCTSC/LCTSC-{split}-S1-0{subject}/11-16-2003-NA-RTRCCTTHORAX/1.000000-NA-56597/1-1.dcm",
        "splits": ("Train", "Test"),
    },
    "mama-mia": {
        "images": ("images/{subject}/{subject}_0001.nii.gz",),
        "labels": "segmentations/expert/{subject}.nii.gz",
        "subjects": ("DUKE_001", "ISPY2_104268"),
    },
    "msd-brain-tumour": {
        "images": ("Task01_BrainTumour/imagesTr/{subject}.nii.gz",),
        "labels": "Task01_BrainTumour/labelsTr/{subject}.nii.gz",
        "subjects": ("BRATS_001", "BRATS_484"),
        "channels": 4,
    },
    "msd-colon": {
        "images": ("Task10_Colon/imagesTr/{subject}.nii.gz",),
        "labels": "Task10_Colon/labelsTr/{subject}.nii.gz",
        "subjects": ("colon_001", "colon_014"),
    },
    "msd-heart": {
        "images": ("Task02_Heart/imagesTr/{subject}.nii.gz",),
        "labels": "Task02_Heart/labelsTr/{subject}.nii.gz",
        "subjects": ("la_001", "la_014"),
    },
    "msd-hepatic-vessel": {
        "images": ("Task08_HepaticVessel/imagesTr/{subject}.nii.gz",),
        "labels": "Task08_HepaticVessel/labelsTr/{subject}.nii.gz",
        "subjects": ("hepaticvessel_001", "hepaticvessel_014"),
    },
    "msd-hippocampus": {
        "images": ("TrainingSet/images/{subject}.nii.gz",),
        "labels": "TrainingSet/labels/{subject}.nii.gz",
        "subjects": ("hippocampus_001", "hippocampus_003"),
    },
    "msd-liver": {
        "images": ("Task03_Liver/imagesTr/{subject}.nii.gz",),
        "labels": "Task03_Liver/labelsTr/{subject}.nii.gz",
        "subjects": ("liver_001", "liver_014"),
    },
    "msd-lung": {
        "images": ("Task06_Lung/imagesTr/{subject}.nii.gz",),
        "labels": "Task06_Lung/labelsTr/{subject}.nii.gz",
        "subjects": ("lung_001", "lung_014"),
    },
    "msd-pancreas": {
        "images": ("Task07_Pancreas/imagesTr/{subject}.nii.gz",),
        "labels": "Task07_Pancreas/labelsTr/{subject}.nii.gz",
        "subjects": ("pancreas_001", "pancreas_014"),
    },
    "msd-prostate": {
        "images": ("Task05_Prostate/imagesTr/{subject}.nii.gz",),
        "labels": "Task05_Prostate/labelsTr/{subject}.nii.gz",
        "subjects": ("prostate_00", "prostate_47"),
        "channels": 2,
    },
    "msd-spleen": {
        "images": ("Task09_Spleen/imagesTr/{subject}.nii.gz",),
        "labels": "Task09_Spleen/labelsTr/{subject}.nii.gz",
        "subjects": ("spleen_001", "spleen_014"),
    },
    "msseg-2016": {
        "images": (
            "Training/{subject}/Preprocessed_Data/DP_preprocessed.nii.gz",
            "Training/{subject}/Preprocessed_Data/FLAIR_preprocessed.nii.gz",
            "Training/{subject}/Preprocessed_Data/GADO_preprocessed.nii.gz",
            "Training/{subject}/Preprocessed_Data/T1_preprocessed.nii.gz",
            "Training/{subject}/Preprocessed_Data/T2_preprocessed.nii.gz",
        ),
        "labels": "Training/{subject}/Masks/Consensus.nii.gz",
        "subjects": ("Center_01/016", "Center_07/001"),
    },
    "myops-2020": {
        "images": ("train25/{subject}_C0.nii.gz", "train25/{subject}_DE.nii.gz", "train25/{subject}_T2.nii.gz"),
        "labels": "train25_myops_gd/{subject}_gd.nii.gz",
        "subjects": ("myops_training_101", "myops_training_125"),
    },
    "parse-2022": {
        "images": ("train/{subject}/image/{subject}.nii.gz",),
        "labels": "train/{subject}/label/{subject}.nii.gz",
        "subjects": ("PA000005", "PA000317"),
    },
    "pddca": {
        "images": ("{subject}/img.nrrd",),
        "structures": "{subject}/structures/{label}.nrrd",
        "subjects": ("0522c0001", "0522c0878"),
    },
    "phantom-ct": {"series": "ct/{subject}", "labels": "ct/labels/{subject}.nii.gz"},
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
        "modalities": ("T1 weighted MRI", "T2 weighted MRI"),
    },
    "totalsegmentator-ct": {
        "images": ("{subject}/ct.nii.gz",),
        "structures": "{subject}/segmentations/{label}.nii.gz",
        "shape": (128, 12, 9),
        "subjects": ("s0000",),
    },
    "ucsf-pdgm": {
        "images": (
            "{subject}_nifti/{subject}_ADC.nii.gz",
            "{subject}_nifti/{subject}_ASL.nii.gz",
            "{subject}_nifti/{subject}_DTI_eddy_FA.nii.gz",
            "{subject}_nifti/{subject}_DWI.nii.gz",
            "{subject}_nifti/{subject}_FLAIR.nii.gz",
            "{subject}_nifti/{subject}_SWI.nii.gz",
            "{subject}_nifti/{subject}_T1.nii.gz",
            "{subject}_nifti/{subject}_T1c.nii.gz",
            "{subject}_nifti/{subject}_T2.nii.gz",
        ),
        "labels": "{subject}_nifti/{subject}_tumor_segmentation.nii.gz",
        "subjects": ("UCSF-PDGM-0004", "UCSF-PDGM-0541"),
    },
    "verse-2020": {
        "images": ("dataset-01training/rawdata/{subject}/{subject}_dir-ax_ct.nii.gz",),
        "labels": "dataset-01training/derivatives/{subject}/{subject}_dir-ax_seg-vert_msk.nii.gz",
        "subjects": ("sub-gl003", "sub-verse506"),
    },
    "wmh-2017": {
        "images": ("training/{subject}/pre/FLAIR.nii.gz", "training/{subject}/pre/T1.nii.gz"),
        "labels": "training/{subject}/wmh.nii.gz",
        "subjects": ("Utrecht/0", "Amsterdam/GE3T/100"),
    },
    "word": {
        "images": ("imagesTr/{subject}.nii.gz",),
        "labels": "labelsTr/{subject}.nii.gz",
        "subjects": ("word_0002", "word_0004"),
    },
}
