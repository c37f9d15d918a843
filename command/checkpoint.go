package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-gan/assay/runners"
)

// checkpointGiven is the model a command works on: named by its argument or by --checkpoint, not by both; "" if by neither.
func checkpointGiven(args []string, flag string) (string, error) {
	switch {
	case len(args) == 0:
		return flag, nil
	case flag != "":
		return "", usagef("%s and --checkpoint %s both name a checkpoint: give one", args[0], flag)
	}
	return args[0], nil
}

// checkpointFile is the checkpoint that a path means: itself, or of a folder what train left there, or the only model of a bench run.
func checkpointFile(path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil // opening it says what is wrong
	}
	model := filepath.Join(path, "model.safetensors")
	if _, err := os.Stat(model); err == nil {
		return model, nil
	}
	found, err := filepath.Glob(filepath.Join(path, "checkpoints", "*.safetensors"))
	if err != nil {
		return "", err
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("%s holds no model: want a folder that train or bench left behind, or a checkpoint file", path)
	case 1:
		return found[0], nil
	}
	return "", usagef("%s holds %d models: name one of the files in %s", path, len(found), filepath.Join(path, "checkpoints"))
}

// openModel opens the model that a path means.
func (a *app) openModel(ctx context.Context, path, data string) (*runners.Model, error) {
	file, err := checkpointFile(path)
	if err != nil {
		return nil, err
	}
	return runners.OpenModel(ctx, a.kit, file, dataDir(data))
}
