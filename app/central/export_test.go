package central

import "hallkiosk/app/central/internal/pages"

// Patterns returns the patterns of all pages, as they are wired in this service.
func (s *Service) Patterns() []string { return pages.Patterns(s.site) }
