package mysql

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
)

// A Config says where a server is and who asks.
type Config struct {
	User, Password string
	// PasswordSet says that Password was given, even if it is empty.
	PasswordSet bool
	Host        string
	Port        int
	Socket      string // beats Host, as for the client, unless Host is named and not localhost
	// ExtraPort and AdminAddress are where option files have the server of this host listen for administrators;
	// 0 and empty when they say nothing.
	ExtraPort    int    // extra_port of MariaDB, admin_port of MySQL
	AdminAddress string // admin_address of MySQL

	TLS                bool
	CA, Cert, Key      string // files
	VerifyCertificates bool

	// Statements has the server's own books of statements read: its slow log, where that is a table, or
	// else what performance_schema counts. It is for servers whose slow log nobody follows.
	Statements bool

	// Timeout bounds one statement; 0 is DefaultTimeout.
	Timeout time.Duration
}

// DefaultTimeout bounds one statement of ours.
const DefaultTimeout = 500 * time.Millisecond

const (
	defaultPort      = 3306
	defaultAdminPort = 33062
)

// defaultSockets are where the packages of distributions put the socket.
var defaultSockets = []string{"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"}

// ErrPassword refuses a password where everybody can see it.
var ErrPassword = errors.New("a password on the command line is seen by every user of this host: put it into ~/.my.cnf or MYSQL_PWD, or let it be asked for")

// Target reads what the command line names: a socket's path, "host", "host:port", "user@host:port".
// What it does not say is left as it is. A password is refused.
func (c *Config) Target(text string) error {
	if strings.ContainsAny(text, "()?") {
		return fmt.Errorf("%q is a DSN: name the server as user@host:port or by the path of its socket", text)
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		name := text[:at]
		if strings.Contains(name, ":") {
			return ErrPassword
		}
		c.User, text = name, text[at+1:]
	}
	switch {
	case text == "":
	case strings.HasPrefix(text, "/"):
		c.Socket, c.Host = text, ""
	default:
		host, port := text, ""
		if h, p, err := net.SplitHostPort(text); err == nil {
			host, port = h, p
		}
		c.Host, c.Socket = strings.Trim(host, "[]"), ""
		if port == "" {
			break
		}
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q is no port", port)
		}
		c.Port = n
	}
	return nil
}

// complete fills what nobody said with what the client would take.
func (c *Config) complete() {
	if c.User == "" {
		if u, err := user.Current(); err == nil {
			c.User = u.Username
		}
	}
	if c.Port == 0 {
		c.Port = defaultPort
	}
	if c.Socket == "" && (c.Host == "" || c.Host == "localhost") {
		for _, path := range defaultSockets {
			if _, err := os.Stat(path); err == nil {
				c.Socket = path
				break
			}
		}
	}
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
}

// Address names the server as a person would: its socket, or host:port.
func (c *Config) Address() string {
	if c.Socket != "" {
		return c.Socket
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
}

// extra is the address that the option files of this host keep for administrators, when the server
// is of this host; else empty.
func (c *Config) extra() string {
	local := c.Socket != "" || c.Host == "localhost" || net.ParseIP(c.Host).IsLoopback()
	switch {
	case !local:
	case c.AdminAddress != "":
		return net.JoinHostPort(c.AdminAddress, strconv.Itoa(cmp.Or(c.ExtraPort, defaultAdminPort)))
	case c.ExtraPort != 0:
		return net.JoinHostPort(c.Host, strconv.Itoa(c.ExtraPort))
	}
	return ""
}

// driverConfig is the same for the driver. The address may be another one of the same server.
func (c *Config) driverConfig(address string) (*driver.Config, error) {
	d := driver.NewConfig()
	d.User, d.Passwd = c.User, c.Password
	d.Net, d.Addr = "tcp", address
	if strings.HasPrefix(address, "/") {
		d.Net = "unix"
	}
	d.Timeout = 2 * time.Second
	// The server ends our statements itself; these are for a server that no longer answers.
	d.ReadTimeout, d.WriteTimeout = 4*c.Timeout, 4*c.Timeout
	d.ConnectionAttributes = "program_name:dbtriage"
	d.InterpolateParams = true
	d.Logger = silent{}
	if !c.TLS || d.Net == "unix" {
		return d, nil
	}
	d.TLS = &tls.Config{ServerName: c.Host, InsecureSkipVerify: !c.VerifyCertificates, MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("ssl-ca: %w", err)
		}
		d.TLS.RootCAs = x509.NewCertPool()
		if !d.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ssl-ca: no certificate in %s", c.CA)
		}
		if !c.VerifyCertificates { // as the client does with ssl-ca alone: the chain, not the name
			roots := d.TLS.RootCAs
			d.TLS.VerifyConnection = func(s tls.ConnectionState) error {
				opt := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
				for _, cert := range s.PeerCertificates[1:] {
					opt.Intermediates.AddCert(cert)
				}
				_, err := s.PeerCertificates[0].Verify(opt)
				return err
			}
		}
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("ssl-cert: %w", err)
		}
		d.TLS.Certificates = []tls.Certificate{pair}
	}
	return d, nil
}

// silent keeps the driver from writing to stderr: what went wrong is told where it is shown.
type silent struct{}

func (silent) Print(...any) {}
