package simulator

import (
	"fmt"
	"unicode/utf16"

	"hallkiosk/devices/idnumber"
)

// A person is a card that can be laid.
type person struct {
	key, about string
	label      string // for the page, in Chinese
	block      []byte // nil: not an ID card
}

// The example numbers of GB 11643-1999. The other numbers are made from the
// second one's date and sequence, 1880, so that nobody has them.
const (
	numberWoman = "11010519491231002X"
	numberMan   = "440524188001010014"
)

// people are the built-in cards. The layouts are written down here a second
// time, apart from the driver that reads them, so that a slip in one of the
// two shows.
func people() []person {
	citizen := func(name, sex, nation, address, number, until string) []byte {
		return layout(map[int]string{
			0: name, 30: sex, 32: nation, 36: number[6:14], 52: address, 122: number,
			158: "测试市公安局样例分局", 188: "20200101", 204: until,
		})
	}
	permit := withCheckDigit("81000018800101001")
	resident := withCheckDigit("91115618800101001")
	return []person{
		{key: "zhang", about: "张测试, man, born 1880", label: "张测试 · 身份证", block: citizen("张测试", "1", "01", "广东省测试县样例镇样例路1号", numberMan, "20400101")},
		{key: "li", about: "李示例, woman, born 1949, card without end", label: "李示例 · 长期身份证", block: citizen("李示例", "2", "01", "北京市测试区样例路1号", numberWoman, "长期")},
		{key: "ceshi", about: "测试员, the synthetic card other programs were tried with", label: "测试员 · 身份证", block: citizen("测试员", "1", "01", "北京市测试区样例路1号", numberWoman, "长期")},
		{key: "rare", about: "李㛃, a character that printers lack", label: "李㛃 · 生僻字", block: citizen("李㛃", "2", "56", "北京市测试区样例路2号", numberWoman, "20400101")},
		{key: "private", about: "王\uE2A5, a private-use character that fonts lack", label: "王某 · 造字", block: citizen("王\uE2A5", "1", "03", "广东省测试县样例路3号", numberMan, "20400101")},
		{key: "long", about: "阿卜杜拉·样例·买买提, a long name", label: "阿卜杜拉 · 长名", block: citizen("阿卜杜拉·样例·买买提", "1", "05", "新疆测试市样例路4号", numberMan, "20400101")},
		{key: "permit", about: "陈示例, Hong Kong resident's permit", label: "陈示例 · 居住证", block: layout(map[int]string{
			0: "陈示例", 30: "1", 36: "18800101", 52: "广东省测试市样例路5号", 122: permit,
			158: "测试市公安局", 188: "20200101", 204: "20250101", 220: "H00000000", 238: "01", 248: "J",
		})},
		{key: "foreigner", about: "permanent residence card of 2017", label: "永居证 2017 版", block: layout(map[int]string{
			0: "SAMPLE, TEST PERSON", 120: "2", 122: "XXX110088010105", 152: "XXX", 158: "样例人",
			188: "20200101", 204: "20300101", 220: "18800101", 236: "01", 240: "1100", 248: "I",
		})},
		{key: "resident", about: "permanent residence card of 2023", label: "永居证 2023 版", block: layout(map[int]string{
			0: "样例人", 30: "2", 32: "01", 36: "18800101", 52: "SAMPLE, PERSON WITH A VERY LONG NAM",
			122: resident, 188: "20240101", 204: "20340101", 220: "E INDEED", 242: "XXX", 248: "Y",
		})},
		{key: "bank", about: "a card that is no ID card", label: "银行卡", block: nil},
	}
}

func withCheckDigit(first17 string) string {
	return first17 + string(idnumber.CheckDigit(first17))
}

// layout writes texts at byte offsets into a block of 256 bytes, UTF-16LE,
// padded with blanks.
func layout(fields map[int]string) []byte {
	b := make([]byte, 0, 256)
	for range 128 {
		b = append(b, ' ', 0)
	}
	for offset, text := range fields {
		for i, u := range utf16.Encode([]rune(text)) {
			if offset+2*i+1 < len(b) {
				b[offset+2*i], b[offset+2*i+1] = byte(u), byte(u>>8)
			}
		}
	}
	return b
}

// personByKey finds a built-in card.
func personByKey(key string) (person, error) {
	for _, p := range people() {
		if p.key == key {
			return p, nil
		}
	}
	return person{}, fmt.Errorf("simulator: no card %q: use one of %s", key, keys())
}
