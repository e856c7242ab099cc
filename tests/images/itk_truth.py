"""What SimpleITK says of a volume: the same value at the same place in the patient."""

import numpy as np
import SimpleITK


def oblique(shape=(5, 6, 7), *, spacing=(0.9, 1.1, 2.5), origin=(-12.0, 31.5, 4.25), turn=0.3, flip=(1, 1, 1)):
    """(spacing, origin, direction 3 x 3) in LPS of a grid turned about two axes, perhaps mirrored."""
    c, s = np.cos(turn), np.sin(turn)
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return spacing, origin, about_z @ about_x @ np.diag(flip)


def itk_image(array, spacing, origin, direction, *, vector=False):
    """A SimpleITK image of voxels (k, j, i, …)."""
    image = SimpleITK.GetImageFromArray(array, isVector=vector)
    image.SetSpacing([float(each) for each in spacing[: image.GetDimension()]])
    image.SetOrigin([float(each) for each in origin[: image.GetDimension()]])
    dims = image.GetDimension()
    image.SetDirection([float(each) for each in np.asarray(direction)[:dims, :dims].ravel()])
    return image


def same_as_itk(path, volume):
    """Compare a volume with what SimpleITK reads, voxel by voxel, at physical points; number of voxels compared."""
    image = SimpleITK.ReadImage(str(path))
    sizes = image.GetSize()
    to_voxel, count = np.linalg.inv(volume.affine), 0
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            for k in range(sizes[2]):
                x, y, z = image.TransformIndexToPhysicalPoint((i, j, k))
                place = to_voxel @ (-x, -y, z, 1)
                a, b, c = np.rint(place[:3]).astype(int)
                assert np.allclose(place[:3], (a, b, c), atol=1e-3), (place, (i, j, k))
                assert np.allclose(volume.voxels[c, b, a], image.GetPixel(i, j, k)), (i, j, k)
                count += 1
    assert count == np.prod(volume.voxels.shape[:3])
    z, y, x = volume.spacing_mm
    assert np.allclose(sorted((x, y, z)), sorted(image.GetSpacing()), atol=1e-4)
    return count


def numbers(shape=(7, 6, 5), dtype=np.int16, seed=0):
    """Voxels (k, j, i) that are all different, where the type allows it."""
    found = np.random.default_rng(seed).permutation(int(np.prod(shape))).reshape(shape)
    return (found % np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else found / 7).astype(dtype)
