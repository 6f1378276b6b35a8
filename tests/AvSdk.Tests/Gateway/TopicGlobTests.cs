using AvSdk.Contracts;
using AvSdk.Gateway.Query;

namespace AvSdk.Tests.Gateway;

public sealed class TopicGlobTests
{
    [Theory]
    [InlineData("/imu", "/imu", true)]
    [InlineData("/imu", "/IMU", false)]
    [InlineData("/imu", "/imu/raw", false)]
    [InlineData("/camera/*", "/camera/front", true)]
    [InlineData("/camera/*", "/camera/", true)]
    [InlineData("/camera/*", "/camera/front/info", false)]
    [InlineData("/camera/**", "/camera/front/info", true)]
    [InlineData("**/info", "/camera/front/info", true)]
    [InlineData("/*/front", "/camera/front", true)]
    [InlineData("/*/front", "/camera/left/front", false)]
    [InlineData("/can?", "/can0", true)]
    [InlineData("/can?", "/can", false)]
    [InlineData("/can?", "/can/", true)]
    [InlineData("***", "/anything/at/all", true)]
    [InlineData("*a*b*c", "xxaxxbxxc", true)]
    [InlineData("*a*b*c", "xxaxxcxxb", false)]
    [InlineData("/a[0]+(b)", "/a[0]+(b)", true)]
    [InlineData("", "", true)]
    public void Stars_stay_in_a_segment_double_stars_do_not(string pattern, string topic, bool matches) =>
        Assert.Equal(matches, TopicGlob.Fits(pattern, topic));

    [Fact]
    public void A_pattern_made_to_explode_is_matched_in_time_of_its_length()
    {
        string pattern = string.Concat(Enumerable.Repeat("*a", 200)) + "b";
        Assert.False(TopicGlob.Fits(pattern, new string('a', 400)));
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("imu", "imu", 0)]
    [InlineData("imu", "", 3)]
    [InlineData("/camera/frnt", "/camera/front", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Edits_are_counted_as_levenshtein_does(string from, string to, int edits)
    {
        Assert.Equal(edits, NearestTopics.Edits(from, to));
        Assert.Equal(edits, NearestTopics.Edits(to, from));
    }

    [Fact]
    public void The_nearest_topics_come_first_and_at_most_twenty()
    {
        string[] topics = [.. Enumerable.Range(0, 30).Select(i => $"/far/away/{i}"), "/gnss", "/imu"];
        IReadOnlyList<string> near = NearestTopics.Find(["/imuu", "/gns"], topics);
        Assert.Equal(["/gnss", "/imu"], near.Take(2));
        Assert.Equal(20, near.Count);
    }
}
