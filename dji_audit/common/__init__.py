"""What every room uses: texts and files, the case, errors of the system, the version."""
