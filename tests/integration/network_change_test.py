"""sd-connect watch on a machine whose addresses change: earlier data may be wrong in the new
network. And a machine without a name server.
"""
import lab
import loopback
from failing_over import SteadyClient, name_server
import own_network
import servers
from watch_test import Lines

NAME = "_watch._tcp.lab.example"


class NetworkChangeTest(lab.LabTest):
    def test_other_addresses(self):
        """Records with an hour of TTL left are queried again within seconds [fault-C15]"""
        def zone(serial, host):
            return (f"$ORIGIN lab.example.\n$TTL 3600\n@ SOA ns1 hostmaster {serial} 3600 600 86400 60\n@ NS ns1\nns1 A 127.0.0.1\n"
                    f"_watch._tcp SRV 0 0 8001 {host}\nhost1 A 127.0.0.11\nhost2 A 127.0.0.12\n")

        server = servers.Knot(self.lab, {"lab.example": zone(1, "host1")})
        self.lab.server = server.address
        lines = Lines(self, NAME)
        self.addCleanup(self.lab.stop, lines.process)
        self.assertIn("+", lines.next())
        loopback.wait_until(own_network.is_monitored, "nobody listens to address changes")
        for serial, (address, host, before) in enumerate((("192.0.2.7", "host2", "host1"), ("192.0.2.8", "host1", "host2")), 2):
            server.replace_zone("lab.example", zone(serial, host))
            own_network.ip("address", "add", f"{address}/24", "dev", "lo")
            changes = sorted(line[0] + line.split()[2].split(".")[0] for line in (lines.next(), lines.next()))
            self.assertEqual(changes, [f"+{host}", f"-{before}"])
        self.assertEqual(lines.end(), 0)

    def test_health_is_forgotten(self):
        """An endpoint out for ten minutes is tried at once in another network [fault-C15]"""
        well, ill = self.lab.peer(lambda sock: None), loopback.free_port()
        server = name_server(self.lab, [("127.0.0.1", well), ("127.0.0.1", ill)])
        client = SteadyClient(self.lab, server.address, 50, 600)
        client.wait_for(lambda: client.state_of(ill) == ("down", "attempts failed"), lab.PATIENCE, "it is ejected")
        self.lab.peer(lambda sock: None, ill)
        loopback.wait_until(own_network.is_monitored, "nobody listens to address changes")
        own_network.ip("address", "add", "192.0.2.9/24", "dev", "lo")
        client.wait_for(lambda: client.state_of(ill)[0] == "up", lab.PATIENCE, "it is back")
        client.end()


class NoNameServerTest(lab.LabTest):
    def test_what_names_no_server_is_told(self):
        """[fault-O28]"""
        own_network.replace_resolv_conf("search example.com\n")
        told = "/etc/resolv.conf names no name server, so this host was asked"
        self.assertIn(told, self.expect_failure(75, "resolve", NAME).err)
        self.assertNotIn(told, self.expect_failure(75, "resolve", NAME, server="127.0.0.1").err)


if __name__ == "__main__":
    own_network.enter()
    lab.main()
