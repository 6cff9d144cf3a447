#!/bin/sh
# Makes the bundled subset fonts from Debian's fonts-noto-cjk (OFL 1.1) with
# Debian's python3-fonttools. The ranges are those of assets/fonts/README.md.
set -eu
cd "$(dirname "$0")/../../assets/fonts"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for weight in Regular Bold; do
	/usr/bin/python3 -c "from fontTools.ttLib import TTCollection as C
C('/usr/share/fonts/opentype/noto/NotoSansCJK-$weight.ttc').fonts[2].save('$work/sc.otf')"
	/usr/bin/python3 -m fontTools.subset "$work/sc.otf" --layout-features=kern \
		--unicodes='U+20-24F,U+2000-206F,U+20A0-20BF,U+2190-21FF,U+2460-24FF,U+25A0-25FF,U+2600-26FF,U+3000-303F,U+3400-9FFF,U+F900-FAFF,U+FF00-FFEF,U+20000-323AF' \
		--output-file="NotoSansCJKsc-$weight.subset.otf"
done
