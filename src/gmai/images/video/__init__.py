"""Videos: which files are videos, their frames and time stamps, and which frames are taken."""
