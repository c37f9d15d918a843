package runners

import "fmt"

// PreparedBy says by which recipe the side's images were made: its name and the beginning of its hash, as "adm-256 1f0c...", once they were held against the record
// that lies beside them; of a part of a prepared set with the word part. It is "" where there is no record, or where the images are not those of it.
func (s *Side) PreparedBy() string {
	switch {
	case s == nil:
		return ""
	case s.Stats != nil:
		return s.Stats.Made[madePrepared]
	}
	return s.prepared
}

// madePrepared is the key of statistics under which the recipe of their images stands. It is no part of what must agree between two sides: the other side's images
// were made at that size.
const madePrepared = "prepared"

// recipeWords is what PreparedBy returns.
func recipeWords(name, hash string) string { return name + " " + hash[:min(12, len(hash))] }

// holdAgainstRecord compares the images with the record of their preparation, once they are decoded. A record of other images says nothing of these.
func (s *Side) holdAgainstRecord() {
	if s.Source == nil || s.Source.Prepared == nil {
		return
	}
	r := s.Source.Prepared
	switch {
	case s.Report.Content == r.Content:
		s.prepared = recipeWords(r.Recipe, r.Hash)
	case s.taken:
		s.prepared = recipeWords(r.Recipe, r.Hash) + " part"
	default:
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: its record says that %d images were prepared by %s, but these %d are not those: it is left aside; prepare them again", s.Path, r.N, r.Recipe, s.Report.Images))
	}
}
