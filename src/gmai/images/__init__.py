"""Pictures of every kind, whole and as shown: raster, DICOM, volumes, arrays; windows, fingerprints, overlays."""

from gmai.images.arrays import read_array, read_row
from gmai.images.burned_in import find_text
from gmai.images.codec import decode_picture, encode_png
from gmai.images.deid import (
    CLEANERS,
    KEY_VARIABLE,
    Cleaned,
    clean_packed_dicom,
    find_clean_kind,
    has_key,
    is_plain_word,
    key_fingerprint,
    keyed_days,
    keyed_hash,
)
from gmai.images.drawn import draw_view, read_encoded
from gmai.images.hashing import difference_hash, hash_distance, hash_picture
from gmai.images.labels import read_label_picture, read_label_volume
from gmai.images.mask_picture import read_binary_mask, read_colour_mask
from gmai.images.open import VOLUMES, Image, open_image
from gmai.images.overlay import decode_mask, encode_mask, region_pixels, render_view
from gmai.images.peek import Peek, find_kind, peek
from gmai.images.picture import Picture, orient, orient_point
from gmai.images.raster import read_picture
from gmai.images.regions import REGIONS, LabelVolume, NumberedMask, VolumeRegions, per_slice, read_regions
from gmai.images.replay import replay
from gmai.images.slide.grid import Grid as SlideGrid
from gmai.images.slide.grid import Tile as SlideTile
from gmai.images.slide.grid import choose_tiles, lay_grid, read_tile, tissue_shares
from gmai.images.slide.slide import SLIDES, Slide, SlideLabels, open_slide, open_slide_labels
from gmai.images.slide.tissue import find_tissue
from gmai.images.strip import STRIPPERS, Stripped, find_raster_kind, strip_large_tiff, strip_metadata
from gmai.images.strip.pad import LEAST_PADDING, find_raster_size, pad_raster, unpad_raster
from gmai.images.traits import TRAITS, read_traits
from gmai.images.video.choose import SCENE_CHANGE, choose_video_frames
from gmai.images.video.video import VIDEOS, Video, VideoFrame, open_video
from gmai.images.volume import (
    SIDES,
    Volume,
    check_same_grid,
    cut_slice,
    find_volume_window,
    show_slice,
    slice_spacing,
)
from gmai.images.window import Window, apply_window, find_preset, find_window, read_presets

__all__ = [
    "CLEANERS",
    "Cleaned",
    "Image",
    "KEY_VARIABLE",
    "LEAST_PADDING",
    "LabelVolume",
    "NumberedMask",
    "Peek",
    "Picture",
    "REGIONS",
    "SCENE_CHANGE",
    "SIDES",
    "SLIDES",
    "STRIPPERS",
    "Slide",
    "SlideGrid",
    "SlideLabels",
    "SlideTile",
    "Stripped",
    "TRAITS",
    "VIDEOS",
    "VOLUMES",
    "Video",
    "VideoFrame",
    "Volume",
    "VolumeRegions",
    "Window",
    "apply_window",
    "check_same_grid",
    "choose_tiles",
    "choose_video_frames",
    "clean_packed_dicom",
    "cut_slice",
    "decode_mask",
    "decode_picture",
    "difference_hash",
    "draw_view",
    "encode_mask",
    "encode_png",
    "find_clean_kind",
    "find_kind",
    "find_preset",
    "find_raster_kind",
    "find_raster_size",
    "find_text",
    "find_tissue",
    "find_volume_window",
    "find_window",
    "has_key",
    "hash_distance",
    "hash_picture",
    "is_plain_word",
    "key_fingerprint",
    "keyed_days",
    "keyed_hash",
    "lay_grid",
    "open_image",
    "open_slide",
    "open_slide_labels",
    "open_video",
    "orient",
    "orient_point",
    "pad_raster",
    "peek",
    "per_slice",
    "read_array",
    "read_binary_mask",
    "read_colour_mask",
    "read_encoded",
    "read_label_picture",
    "read_label_volume",
    "read_picture",
    "read_presets",
    "read_regions",
    "read_row",
    "read_tile",
    "read_traits",
    "region_pixels",
    "render_view",
    "replay",
    "show_slice",
    "slice_spacing",
    "strip_large_tiff",
    "strip_metadata",
    "tissue_shares",
    "unpad_raster",
]
