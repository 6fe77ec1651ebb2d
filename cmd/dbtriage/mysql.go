package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"dbtriage/collectors/mysql"
)

// newMySQL is the command for what concerns a live server and reads none.
func newMySQL(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mysql",
		Short: "Prepare a MySQL or MariaDB server to be read",
		Args:  noOther,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newMySQLGrants(s))
	return cmd
}

func newMySQLGrants(s streams) *cobra.Command {
	engine, user, host := "mariadb", "dbtriage", "localhost"
	cmd := &cobra.Command{
		Use:   "grants",
		Short: "Print the SQL that creates a monitoring user with least privilege",
		Long: `Print the statements that make a user with no more rights than reading a live
server takes. It can read no row of your tables. Replace the … by a password,
and put the same into ~/.my.cnf of the user who runs dbtriage:

  [client]
  user=dbtriage
  password=…`,
		Example: "  dbtriage mysql grants --for mysql --host 10.0.0.5",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return written(s.out, func(w io.Writer) {
				for _, text := range mysql.Grants(engine, user, host) {
					fmt.Fprintln(w, text)
				}
			})
		},
	}
	fl := cmd.Flags()
	addChoice(cmd, &engine, "for", "", []string{"mariadb", "mysql"}, "`SERVER` that the statements are for: mariadb or mysql")
	fl.StringVar(&user, "user", user, "`NAME` of the user")
	fl.StringVar(&host, "host", host, "`HOST` from which the user comes")
	return cmd
}
