package escpos_test

import (
	"fmt"

	"hallkiosk/devices/escpos"
)

// A ticket as bytes, read back the way a printer reads it.
func ExampleEncode() {
	b, err := escpos.Encode(escpos.Document{
		escpos.Text{Text: "A012", Align: escpos.Center, Size: 4},
		escpos.Text{Text: "前面还有 4 人"},
	}, escpos.Generic80(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, op := range escpos.Decode(b) {
		if op.Kind == escpos.OpText {
			fmt.Println(op.Text)
		}
	}
	// Output:
	// A012
	// 前面还有 4 人
}
