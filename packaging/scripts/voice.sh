#!/bin/sh
# Makes the recordings that TV boards announce numbers with, into assets/voice.
# Needs no network once Debian's packages are there:
#
#	apt-get install gcin-voice sox lame
#
# gcin-voice holds one recording per syllable of Mandarin, spoken by a person; its
# second set (5.ogg) is 羅竺's, CC BY 3.0. Compared with espeak-ng, the one
# synthesiser with Mandarin in Debian 12: that sounds like a machine, and its tones
# are hard to tell apart in a noisy hall. The set is slowed and lowered a little,
# which suits old ears, brought to one loudness, and joined to the words needed.
# The names of letters have sounds that no Chinese syllable has: those are cut.
set -eu
cd "$(dirname "$0")/../.."
from=${GCIN_VOICE:-/usr/share/gcin-voice/ogg}
to=${1:-assets/voice}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rate=24000

# cut NAME SYLLABLE FROM TO takes a piece of a syllable, in seconds as recorded.
cut() { sox "$from/$2/5.ogg" "$work/$1.wav" trim "$3" "=$4" fade t 0.012 -0 0.006; }
# join NAME A B joins two pieces.
join() { sox "$work/$2.wav" "$work/$3.wav" "$work/$1.wav"; }

# word NAME SYLLABLE... writes the recording of a word. A syllable is one of the
# set, =PIECE one that was cut, and what follows a comma is its share of the usual
# length.
word() {
	name=$1
	shift
	parts=
	n=0
	for s; do
		n=$((n + 1))
		length=1
		case $s in *,*) length=${s#*,} s=${s%,*} ;; esac
		case $s in =*) source=$work/${s#=}.wav ;; *) source=$from/$s/5.ogg ;; esac
		# Away with the silence before; deeper and slower; the recordings stop
		# short, so they are let fade; even from beginning to end.
		sox "$source" -r $rate -b 16 "$work/part$n.wav" \
			silence 1 0.003 0.4% speed 0.88 rate -v $rate tempo -s "$(echo "0.82 / $length" | bc -l)" \
			compand 0.005,0.08 4:-70,-70,-45,-26,-25,-16,0,-12 gain -n -3
		sox "$work/part$n.wav" "$work/faded$n.wav" fade h 0.004 -0 0.07
		parts="$parts $work/faded$n.wav"
	done
	# shellcheck disable=SC2086 # a list of names without blanks
	sox $parts "$work/joined.wav"
	encode "$name" "$work/joined.wav" -19
}

# encode NAME FILE DB writes a recording of the given loudness (root mean square,
# below full scale); a limiter keeps its peaks 1 dB below full scale.
encode() {
	rms=$(sox "$2" -n stats 2>&1 | awk '/^RMS lev dB/ { print $4 }')
	sox "$2" "$work/level.wav" gain -l "$(echo "$3 + 1 - ($rms)" | bc -l)" gain -1
	lame --quiet -m m --resample 24 --abr 56 -q 0 --noreplaygain "$work/level.wav" "$to/$1.mp3"
}

mkdir -p "$to"
rm -f "$to"/*.mp3

# Two notes of a bell, a major third down.
bell() {
	sox -n -r $rate -b 16 "$work/$1.wav" synth "$3" sine "$2" synth "$3" sine mix "$(echo "$2 * 2.01" | bc -l)" \
		fade l 0.004 "$3" "$(echo "$3 - 0.02" | bc -l)" gain -9
}
bell high 659.26 1.3
bell low 523.25 1.7
sox "$work/low.wav" "$work/late.wav" pad 0.55
sox -m -v 1 "$work/high.wav" -v 1 "$work/late.wav" "$work/chime.wav" trim 0 1.9 fade t 0 -0 0.4
encode chime "$work/chime.wav" -20

word please ㄑㄧㄥ3                             # 请
word called ㄏㄠ4 ㄉㄠ4                         # 号到
word window ㄏㄠ4 ㄔㄨㄤ ㄎㄡ3 ㄅㄢ4 ㄌㄧ3        # 号窗口办理
word screen ㄏㄠ4 ㄑㄧㄥ3 ㄎㄢ4 ㄉㄚ4 ㄆㄧㄥ2 ㄇㄨ4 # 号请看大屏幕
word ten ㄕ2
digit=0
for syllable in ㄌㄧㄥ2 ㄧ ㄦ4 ㄙㄢ ㄙ4 ㄨ3 ㄌㄧㄡ4 ㄑㄧ ㄅㄚ ㄐㄧㄡ3; do
	word $digit $syllable
	digit=$((digit + 1))
done

# Letters, as people in the mainland say them.
cut ei ㄏㄟ 0.112 0.294
cut k ㄎㄢ4 0.052 0.128
cut zh ㄓㄜ 0.042 0.082
cut you ㄧㄡ 0.065 0.294
join kei k ei
join kyou k you
join zhei zh ei
word a =ei
word b ㄅㄧ4
word c ㄒㄧ
word d ㄉㄧ4
word e ㄧ4
word f ㄞ4 ㄈㄨ2,0.7
word g ㄐㄧ4
word h =ei ㄔ,0.8
word i ㄞ4
word j =zhei
word k =kei
word l ㄞ4 ㄌㄜ4,0.7
word m ㄞ4 ㄇㄨ4,0.7
word n ㄣ
word o ㄡ
word p ㄆㄧ4
word q =kyou
word r ㄚ,0.8 ㄦ2,0.8
word s ㄞ4 ㄙ,0.8
word t ㄊㄧ4
word u ㄧㄡ
word v ㄨㄟ
word w ㄉㄚ2,0.8 ㄅㄨ4,0.6 ㄌㄧㄡ,0.8
word x ㄞ4,0.8 ㄎㄜ4,0.7 ㄙ,0.8
word y ㄨㄞ
word z ㄗㄟ2
du -cb "$to"/*.mp3 | tail -1
