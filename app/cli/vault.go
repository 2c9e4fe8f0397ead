package cli

import (
	"github.com/spf13/cobra"

	"pie/app"
	"pie/backend/vault"
)

func (f *face) vaultCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "vault", Short: "Look at and lock what seals your secrets",
		Long: `Tokens, secrets and what runs returned are sealed. The key is kept by the keyring
of your desktop, or comes from a passphrase or a key file: whichever was chosen
when the vault was made, and never another one because that is missing.`,
		Example: "  pie vault status\n  pie vault unlock",
		Args:    cobra.ArbitraryArgs,
		RunE:    unknown,
	}
	c.AddCommand(
		f.vaultDoes("status", "Vault.Status", "Show how the vault stands",
			"Shows where the key comes from and whether the vault is open, without opening it.", ""),
		f.vaultDoes("lock", "Vault.Lock", "Forget the keys in memory",
			"Makes a running PIE Desktop forget its keys until the vault is unlocked again.", ""),
		f.vaultDoes("rotate", "Vault.Rotate", "Make a new key",
			"Makes a new key, seals everything under it and destroys the old one. Copies of the\ndatabase from before cannot be opened any more; that is the purpose.", "Making a new key…"),
		f.vaultUnlock(),
	)
	return c
}

func (f *face) vaultDoes(verb, method, short, long, waiting string) *cobra.Command {
	return &cobra.Command{
		Use: verb, Short: short, Long: long, Example: "  pie vault " + verb, Args: exactly(),
		RunE: func(*cobra.Command, []string) error { return show(f, waiting, method, nil, f.vaultStatus) },
	}
}

func (f *face) vaultUnlock() *cobra.Command {
	return &cobra.Command{
		Use: "unlock", Short: "Open the vault, or make it",
		Long: `Opens the vault of a running PIE Desktop, and makes it when there is none. A
passphrase is asked for on the terminal without showing it; without a terminal
it comes from the file that PIE_PASSPHRASE_FILE names.`,
		Example: "  pie vault unlock",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			var status vault.Status
			if err := f.call("", "Vault.Status", nil, &status); err != nil {
				return err
			}
			params := unlockParams{}
			if status.Source == vault.SourcePassphrase && status.State != "unlocked" && f.io.InIsTTY && f.io.ReadHidden != nil {
				passphrase, err := f.hidden("Passphrase of the vault: ")
				if err != nil {
					return err
				}
				params.Passphrase = passphrase.Reveal()
			}
			return show(f, "Opening the vault…", "Vault.Unlock", params, f.vaultStatus)
		},
	}
}

func (f *face) vaultStatus(s vault.Status) {
	from := map[vault.Source]string{
		vault.SourceKeyring: "the keyring of your desktop", vault.SourcePassphrase: "your passphrase", vault.SourceKeyFile: "a key file",
	}[s.Source]
	switch s.State {
	case "none":
		f.print("There is no vault yet; it is made when the first secret is kept.")
	case "unlocked":
		f.print("The vault is open.")
	default:
		f.print("The vault is locked; it opens when a secret is needed.")
	}
	if from != "" {
		f.print("Its key comes from %s.", from)
	}
	if s.CreatedAt != nil {
		f.print("Made %s, key number %d.", when(s.CreatedAt), s.KeyID)
	}
	if s.Problem != nil {
		f.say("%s %s", s.Problem.Message, s.Problem.Hint)
	}
}

func (f *face) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version",
		Long:    "Prints the version of the program.",
		Example: "  pie version",
		Args:    exactly(),
		RunE: func(*cobra.Command, []string) error {
			if f.json {
				f.value(map[string]string{"version": app.Version})
			} else {
				f.print("PIE Desktop %s", app.Version)
			}
			return nil
		},
	}
}
