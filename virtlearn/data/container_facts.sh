# Six facts about the place this runs in, a line for the name and a line for the fact. $1 is the namespace of names
# outside: a name is given only where the wall stands, never to the machine itself.
[ -z "$1" ] || [ "$(readlink /proc/self/ns/uts)" = "$1" ] || hostname box-1
echo "kernel release"
uname -r
echo "kernel started as"
cat /proc/sys/kernel/random/boot_id
echo "host name"
uname -n
echo "this process is number"
echo $$
echo "processes it sees"
ls /proc | grep -c '^[0-9]'
echo "mount namespace"
readlink /proc/self/ns/mnt
