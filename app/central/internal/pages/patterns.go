package pages

// Patterns returns the patterns of all routes of a site, as http.ServeMux takes them:
// "GET /console". Tests that promise something of every page ask for them, so that none
// is forgotten.
func Patterns(c Config) []string {
	var out []string
	for _, r := range newSite(c).routes() {
		out = append(out, r.pattern)
	}
	return out
}
