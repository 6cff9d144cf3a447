package centralapi

import _ "embed"

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI returns the description of the contract (OpenAPI 3.1, YAML), which the
// service also serves at /v1/openapi.yaml. The caller must not change it.
func OpenAPI() []byte { return openAPI }
