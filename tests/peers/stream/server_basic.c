/* Serves one connection after another.
 *
 *   -DPROTO='"proto_noend.h"'   the mistake: only the close ends the record
 *   -DPROTO='"proto_label.h"'   a label, and a line feed alone
 */
#include "job.h"

int main(int argc, char **argv)
{
    struct server server = server_open(argc, argv);
    for (int i = 0; i < server.connections; i++)
        server_job(server_accept(&server), server.stamp + i);
    return 0;
}
