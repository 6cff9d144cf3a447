package simulator

// The dialect of bank counters' readers (see devices/bankreader), written down
// here a second time. The box makes a whole find, select and read of each
// command and begins it with a fresh field, so it finds a card again and again;
// no document says so, which is why only this file relies on it.

const bankOverhead = 5 // 02, two of length, XOR, 03

// bankFrame puts data into a frame.
func bankFrame(data []byte) []byte {
	b := append([]byte{0x02, byte(len(data) >> 8), byte(len(data))}, data...)
	var sum byte
	for _, c := range data {
		sum ^= c
	}
	return append(b, sum, 0x03)
}

// nextBank takes the first good frame's data off b and returns the rest.
func nextBank(b []byte) (data, rest []byte) {
	for ; len(b) >= bankOverhead; b = b[1:] {
		n := int(b[1])<<8 | int(b[2])
		if b[0] != 0x02 || n > 64 { // commands are short
			continue
		}
		if len(b) < n+bankOverhead {
			break
		}
		if string(bankFrame(b[3:3+n])) == string(b[:n+bankOverhead]) {
			return append([]byte(nil), b[3:3+n]...), b[n+bankOverhead:]
		}
	}
	return nil, b
}

// carryOutBank carries out one command and returns the answer's data.
func (r *Reader) carryOutBank(command string) []byte {
	switch command {
	case "\x31\x11":
		return []byte("\x90\x00SIMULATOR")
	case "\x31\x12":
		r.carryOut(0x10FF)
		return []byte{ok, 0}
	case "\xCA\x01\x00", "\xCA\x01\x01", "\xCA\x01\x02", "\xCA\x01\x03":
	default:
		return []byte{badCommand, 0}
	}
	r.set(func() { r.used, r.stage = false, 0 })
	for _, step := range []uint16{0x2001, 0x2002} {
		if status, _ := r.carryOut(step); status != ok && status != found {
			return []byte{status, 0}
		}
	}
	status, data := r.carryOut(0x3001)
	if status != ok {
		return []byte{status, 0}
	}
	const name, number, numberEnd, size = 30, 122, 158, 256
	text := data[4 : 4+size]
	answer := []byte{ok, 0}
	switch command[2] {
	case 0:
		return append(answer, data...)
	case 1:
		return append(answer, text[number:numberEnd]...)
	case 2:
		return append(append(answer, text[:name]...), text[number:numberEnd]...)
	}
	return append(answer, text...)
}
