#!/bin/sh
# The newcomer's path: what README says from its first line to the first table, in a folder that holds real/ and fake/. Written by `make docs`; a test carries it out.
set -eu
git clone https://github.com/assay-gan/assay && make -C assay build
export PATH="$PATH:$PWD/assay/bin"
assay score real/ fake/ --featurizer "pca(32,pixels)" --metrics fd,prdc
