#!/bin/sh
# Makes the README's pictures anew, into assets/screenshots: the terminal's from
# the gallery, the web pages' from a real browser. Half size, to keep the
# repository small. Every web page, on a phone, a window's computer and a wall, comes
# whole into build/pages, for people to look at: NAME-390.png, NAME-1366.png,
# NAME-1920.png.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
panel=21.5-portrait
CGO_ENABLED=0 "${GO:-go}" run -tags "$UITAGS" ./app gallery -out "$work" -panel $panel -lang zh \
	-page home-all-tiles,choose-groups,identify-waiting,result-printed,result-paper-out,guides-all,guide-materials,search-many,plan-lit,takeaway-code,rate-level
mkdir "$work/web"
HALLKIOSK_PICTURES=$work/web CGO_ENABLED=0 "${GO:-go}" test -tags headless -count=1 -run TestPictures ./app/central

to=assets/screenshots
shot() { convert "$1" -resize 50% -define png:exclude-chunks=date,time -strip "$to/$2.png"; }
normal=$work/$panel/normal-zh assisted=$work/$panel/assisted-zh
shot "$normal/home-all-tiles.png" home
shot "$normal/choose-groups.png" choose
shot "$normal/identify-waiting.png" identify
shot "$normal/result-printed.png" result
shot "$normal/result-paper-out.png" no-paper
shot "$normal/guides-all.png" guides
shot "$normal/search-many.png" search
shot "$normal/guide-materials.png" guide
shot "$normal/takeaway-code.png" takeaway
shot "$normal/plan-lit.png" plan
shot "$assisted/home-all-tiles.png" assisted
shot "$normal/rate-level.png" rate
for page in console board phone; do shot "$work/web/$page.png" $page; done

rm -rf build/pages
mkdir -p build/pages
HALL_TEST_PICTURES=$PWD/build/pages CGO_ENABLED=0 "${GO:-go}" test -tags headless -count=1 -timeout 30m -run TestEveryPageInTheBrowser ./app/central
echo "$(ls build/pages | wc -l) pictures of web pages in build/pages"
# Of the manager's, what a screen shows at first.
for page in manager manager-ratings; do
	convert "build/pages/$page-1366.png" -crop x1310+0+0 +repage "$work/$page.png"
	shot "$work/$page.png" $page
done
shot build/pages/rating-open-390.png rating
ls -l "$to"
