package command

import "testing"

func TestSeeds(t *testing.T) {
	for text, want := range map[string]string{"3": "3", "1-5": "1,2,3,4,5", "1,7-8, 0": "1,7,8,0", "4-4": "4"} {
		var s seedList
		if err := s.Set(text); err != nil || s.String() != want {
			t.Errorf("%q is %s, %v, want %s", text, s.String(), err, want)
		}
	}
}
