package command

import "strings"

// wording says by which flag a field of the library is set. Errors and warnings of the library name fields, as "Feeding.Skip", because a program that is built
// on it has no flags; whatever the command prints goes through here.
var wording = strings.NewReplacer(
	"Feeding.Skip", "--on-error skip",
	"in SanityRequest.Metrics", "by --metrics",
	"in DataRequest.Metrics", "by --metrics",
	"as DataRequest.Other", "by --other",
	"in DataRequest.Featurizers", "by --featurizer",
	"DataRequest.N", "--per-side",
	"ScoreRequest.FakeGroups", "--groups",
	"ScoreRequest.RealGroups", "--real-groups",
	"ScoreRequest.VersusGroups", "--versus-groups",
	"ScoreRequest.HoldoutGroups", "--holdout-groups",
	"ScoreRequest.FakeLabels", "--labels",
	"ScoreRequest.RealLabels", "--real-labels",
	"ScoreRequest.Logits", "--logits",
	"ScoreRequest.Probs", "--probs",
	"ScoreRequest.Train", "--train",
	"ScoreRequest.Paired", "--paired",
	"ScoreRequest.LPIPS", "--lpips",
	"ScoreRequest.Holdout", "--holdout",
	"as ScoreRequest.Real", "by --real",
	"ScoreRequest.Featurizer", "--featurizer",
	"ScoreRequest.Fake", "--fake",
	"ScoreRequest.Real", "--real",
	"ScoreRequest.Force", "--force",
	"as ScoreKeys.Model", "by --model",
	"as ScoreKeys.Dataset", "by --dataset",
	"ScoreKeys.Step", "--step",
	"force=true", "--force",
	"Statistics.N", "--real-n, --fake-n or --versus-n",
	"to OpenSide, such as 0,1 or 0,255", "by --range, such as --range 0,1 or --range 0,255",
	"by MakePart", "by assay stats make --shard i/n",
	"as Options.Dir", "by --out",
	"Options.Dir", "--data",
	"by Options.AllowExec", "by --allow-exec (or ASSAY_ALLOW_EXEC=1)",
	"Env.Weights", "--weights FILE",
	"as Pair.Train", "by --train",
	"as Pair.Real", "by --real",
)
