package handwriting

// Similarity is how similar the strokes are to the likeliest character, 0–1.
func (r *Recogniser) Similarity(strokes []Stroke) float32 {
	g := r.rank(strokes, 1)
	if len(g) == 0 {
		return 0
	}
	return g[0].similarity
}

// Most is how many points are looked at.
const Most = most
