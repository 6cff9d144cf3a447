package centralapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// HolderKey computes [Holder].Key from the hall's secret ([Terminal].HolderSecret),
// the business day (2026-11-21) and the document number as it stands on the
// document, letters in capitals. The day's key is derived first, so the same
// person has unrelated keys on two days and the number cannot be found from a
// key without the secret. The error never contains the number.
func HolderKey(secret, day, number string) (string, error) {
	k, err := hex.DecodeString(secret)
	if err != nil || len(k) != sha256.Size {
		return "", fmt.Errorf("centralapi: holder key: the hall's secret is not 64 hex digits")
	}
	if day == "" || number == "" {
		return "", fmt.Errorf("centralapi: holder key: day or number is empty")
	}
	return hex.EncodeToString(mac(mac(k, day), number)), nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
