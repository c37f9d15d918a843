package reports

// Draw says which part of a study a record is: a draw of settings in a phase of a search, or a rerun of settings that were chosen.
type Draw struct {
	Phase  string `json:"phase"`          // of the search, or RerunPhase
	Number int    `json:"draw"`           // from 1; 1 is the model's defaults
	Of     string `json:"of,omitempty"`   // of a rerun: what is run again, best or defaults
	From   string `json:"from,omitempty"` // of a rerun of the best: the phase it was drawn in
	Rung   int    `json:"rung,omitempty"` // measured at this rung of the rule, from 1, before the end of the budget; 0 is the end
	Stop   string `json:"stop,omitempty"` // the rule that could have stopped the draw; "" where all are trained in full
}

// RerunPhase is the name of the phase in which chosen settings are trained again with fresh seeds.
const RerunPhase = "rerun"

// DefaultsNumber is the number of the draw that holds a model's defaults.
const DefaultsNumber = 1
