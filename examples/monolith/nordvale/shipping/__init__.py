"""Routes, depots, labels, manifests and scans."""
